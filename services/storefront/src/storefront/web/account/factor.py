"""The second factor: an authenticator app, and recovery codes for when it is lost."""

from typing import Annotated, Any

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML
from pages.visit import new_visitor
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
REFUSED: dict[int, Any] = {200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML}


class First(forms.Form):
    """The first code of the app."""

    code: Annotated[str, Field(min_length=1, max_length=40, repr=False)]


class Both(forms.Form):
    """The password and a code."""

    password: Annotated[str, Field(min_length=1, max_length=1024, repr=False)]
    code: Annotated[str, Field(min_length=1, max_length=40, repr=False)]

    @property
    def body(self) -> dict[str, str]:
        """What accounts is sent."""
        return {"password": self.password, "code": self.code}


@routes.get("/account/security/factor", also={200: HTML})
async def view_factor(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """What a second factor is, and the form for beginning; or what can be done with the one there is."""
    call = await front.customer(read, begin, request)
    return await _page(front, call)


@routes.post("/account/security/factor", takes=FORM, also=REFUSED)
async def enrol(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Begin: the answer has the secret, which is shown this once."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, room.Proof, secret=room.SECRET)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    try:
        body = {"password": sent.model.password}
        device = await front.upstream.post(call.visit, "accounts", "/me/second-factor", body)
    except Problem as problem:
        again = sent.refused(room.refused(problem))
        return await _page(front, call, again, status=problem.status)
    return room.page(front, call, "security", "factor-begun.html", device=device, sent=None)


@routes.post("/account/security/factor/confirmation", takes=FORM, also=REFUSED)
async def confirm(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Confirm by a first code; all other sessions end, and the recovery codes are shown this once."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, First, secret=room.SECRET)
    status, faults = 422, sent.faults
    if sent.model is not None:
        path = "/me/second-factor/confirmation"
        try:
            confirmed = await front.upstream.post(call.visit, "accounts", path, {"code": sent.model.code})
        except Problem as problem:
            status, faults = problem.status, room.refused(problem)
        else:
            return await _confirmed(front, begin, call, confirmed)
    again = sent.refused(faults)
    return room.page(front, call, "security", "factor-begun.html", status=status, device=None, sent=again)


@routes.post("/account/security/factor/recovery-codes", takes=FORM, also=REFUSED)
async def renew_codes(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Replace the recovery codes; the new ones are shown this once."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Both, secret=room.SECRET)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    try:
        path = "/me/second-factor/recovery-codes"
        renewed = await front.upstream.post(call.visit, "accounts", path, sent.model.body)
    except Problem as problem:
        again = sent.refused(room.refused(problem))
        return await _page(front, call, again, status=problem.status)
    return room.page(front, call, "security", "recovery-codes.html", codes=renewed["recovery_codes"], begun=False)


@routes.post("/account/security/factor/removal", takes=FORM, also=REFUSED)
async def remove(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Remove it: all sessions end, and this browser goes on with another one."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Both, secret=room.SECRET)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    me = await front.upstream.get(call.visit, "accounts", "/me")
    try:
        await front.upstream.post(call.visit, "accounts", "/me/second-factor/removal", sent.model.body)
    except Problem as problem:
        again = sent.refused(room.refused(problem))
        return await _page(front, call, again, status=problem.status)
    return await room.sign_in_again(front, begin, call, me["email"], sent.model.password, "factor-removed")


async def _confirmed(front: Front, begin: Begin, call: Call, confirmed: dict[str, Any]) -> web.Response:
    """Show the recovery codes, in the session that has begun with the second factor."""
    await front.site.sessions.end(begin, call.visit)
    visitor = new_visitor()
    await front.site.sessions.begin(begin, visitor, call.shop.tenant, confirmed["tokens"], call.visit)
    codes = confirmed["recovery_codes"]
    response = room.page(front, call, "security", "recovery-codes.html", codes=codes, begun=True)
    front.site.greet(response, visitor)
    return response


async def _page(front: Front, call: Call, sent: forms.Sent[Any] | None = None, *, status: int = 200) -> web.Response:
    factor = await front.upstream.get(call.visit, "accounts", "/me/second-factor")
    return room.page(front, call, "security", "factor.html", status=status, factor=factor, sent=sent)
