"""The second factor: an authenticator app, and recovery codes for when it is lost."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML
from pages.visit import new_visitor
from pydantic import Field

from pages import forms, recovery_file
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
HERE: Final = "/account/security/factor"
CODES: Final = f"{HERE}/recovery-codes"
NAME: Final = "recovery_codes"
REFUSED: dict[int, Any] = {200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML}


class First(forms.Form):
    """The first code of the app."""

    code: Annotated[str, Field(min_length=1, max_length=40, repr=False)]


@routes.get(HERE, also={200: HTML})
async def view_factor(
    read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = ""
) -> web.Response:
    """What a second factor is, and the form for beginning; or what can be done with the one there is."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, done=done)


@routes.post(HERE, takes=FORM, also=REFUSED)
async def enrol(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Begin: the answer has the secret, which is shown this once."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        device = await front.upstream.post(call.visit, "accounts", "/me/second-factor", {})
    except Problem as problem:
        return await _page(front, call, room.refused(problem, page=HERE), status=problem.status)
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


@routes.post(CODES, takes=FORM, also=REFUSED)
async def renew_codes(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Replace the recovery codes; the new ones are shown this once."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        renewed = await front.upstream.post(call.visit, "accounts", "/me/second-factor/recovery-codes", {})
    except Problem as problem:
        return await _page(front, call, room.refused(problem, page=HERE), status=problem.status)
    return room.page(front, call, "security", "recovery-codes.html", codes=renewed["recovery_codes"], begun=False)


@routes.post(f"{CODES}/file", takes=FORM, also=REFUSED | {200: "text/plain"})
async def codes_file(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Return the codes that the page has just shown as a file, if they count; they are kept nowhere in clear."""
    call = await front.customer(read, begin, request)
    codes = await recovery_file.sent_codes(request, call.visit)
    try:
        await front.upstream.post(call.visit, "accounts", "/me/second-factor/recovery-codes/current", {NAME: codes})
    except Problem as problem:
        return await _page(front, call, room.refused(problem, page=HERE), status=problem.status)
    return recovery_file.answer(front.site.words[call.visit.language], call.shop.brand.name, codes)


@routes.post("/account/security/factor/removal", takes=FORM, also=REFUSED)
async def remove(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Remove it: all sessions end, and one signs in again."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        await front.upstream.post(call.visit, "accounts", "/me/second-factor/removal", {})
    except Problem as problem:
        return await _page(front, call, room.refused(problem, page=HERE), status=problem.status)
    return await room.sign_in_after(front, begin, call, "factor-removed")


async def _confirmed(front: Front, begin: Begin, call: Call, confirmed: dict[str, Any]) -> web.Response:
    """Show the recovery codes, in the session that has begun with the second factor."""
    await front.site.sessions.end(begin, call.visit)
    visitor = new_visitor()
    await front.site.sessions.begin(begin, visitor, call.shop.tenant, confirmed["tokens"], call.visit)
    # the forms of this page are the new visitor's
    call, codes = replace(call, visit=replace(call.visit, visitor=visitor)), confirmed["recovery_codes"]
    response = room.page(front, call, "security", "recovery-codes.html", codes=codes, begun=True)
    front.site.greet(response, visitor)
    return response


async def _page(
    front: Front, call: Call, faults: Mapping[str, str] | None = None, *, status: int = 200, done: str = ""
) -> web.Response:
    sent: forms.Sent[forms.Form] | None = forms.Sent(None, {}, faults) if faults else None
    factor = await front.upstream.get(call.visit, "accounts", "/me/second-factor")
    return room.page(front, call, "security", "factor.html", status=status, done=done, factor=factor, sent=sent)
