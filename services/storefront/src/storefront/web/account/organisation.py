"""The organisations for which a customer buys: opened, joined by a code, and for which of them they act."""

from typing import Annotated, Any
from uuid import uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
CODE = "/me/organisation-invitation"
Id = Annotated[str, Field(pattern=r"^([0-9a-f-]{36})?$")]
Once = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
Name = Annotated[str, Field(min_length=1, max_length=120, repr=False)]
VatId = Annotated[str, Field(max_length=20, repr=False)]


class Naming(forms.Form):
    """What an organisation is called, and its VAT id, if it has one."""

    name: Name
    vat_id: VatId = ""

    @property
    def body(self) -> dict[str, str | None]:
        """What accounts is sent."""
        return {"name": self.name, "vat_id": self.vat_id or None}


class Opening(Naming):
    """A new organisation; the same form again is the same one."""

    once: Once


class Invited(forms.Form):
    """The code of the letter."""

    code: Annotated[str, Field(min_length=1, max_length=40, repr=False)]


class Acting(forms.Form):
    """For which organisation to act, none: for oneself; and where to go on."""

    organisation: Id = ""
    after: Annotated[str, Field(max_length=2000)] = "/account/organisation"


@routes.get("/account/organisation", also={200: HTML})
async def organisations(
    read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = ""
) -> web.Response:
    """All organisations of the customer, and how to open or join one."""
    return await _page(front, await front.customer(read, begin, request), done=done)


@routes.post("/account/organisation", takes=FORM, also={200: HTML, 303: None, 409: HTML, 422: HTML})
async def open_organisation(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Open an organisation."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Opening)
    if sent.model is None:
        return await _page(front, call, opening=sent, status=422)
    try:
        made = await front.upstream.post(call.visit, "accounts", "/organisations", sent.model.body, key=sent.model.once)
    except Problem as problem:
        return await _page(front, call, opening=sent.refused(room.refused(problem)), status=problem.status)
    return see(f"/account/organisation/{made['organisation']}?done=organisation-opened")


@routes.post("/account/organisation/invitation", takes=FORM, also={200: HTML, 404: HTML, 422: HTML})
async def read_invitation(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Show what a code invites to; nothing changes before it is accepted."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Invited)
    if sent.model is None:
        return await _page(front, call, joining=sent, status=422)
    try:
        offer = await front.upstream.post(call.visit, "accounts", CODE, {"code": sent.model.code})
    except Problem as problem:
        return await _refused(front, call, sent, problem)
    return room.page(front, call, "organisation", "organisation-offer.html", offer=offer, code=sent.model.code)


@routes.post(
    "/account/organisation/invitation/acceptance", takes=FORM, also={200: HTML, 303: None, 404: HTML, 409: HTML}
)
async def accept(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Be a member."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Invited)
    if sent.model is None:
        return await _page(front, call, joining=sent, status=422)
    try:
        joined = await front.upstream.post(call.visit, "accounts", f"{CODE}/acceptance", {"code": sent.model.code})
    except Problem as problem:
        return await _refused(front, call, sent, problem)
    return see(f"/account/organisation/{joined['organisation']}?done=organisation-joined")


@routes.post("/account/organisation/acting", takes=FORM, also={303: None})
async def act_for(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Act for an organisation from now on, or for oneself."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Acting)
    if sent.model is None:
        return see("/account/organisation")
    await act(front, begin, call, sent.model.organisation)
    return see(sent.model.after)


async def act(front: Front, begin: Begin, call: Call, organisation: str) -> None:
    """Let the session act for an organisation, or for its owner, and ask for tokens that say so."""
    await front.upstream.put(call.visit, "accounts", "/me/acting", {"organisation": organisation or None})
    await front.site.sessions.renew(begin, call.visit)


async def _refused(front: Front, call: Call, sent: forms.Sent[Invited], problem: Problem) -> web.Response:
    known = {404: {"code": problem.kind}}.get(problem.status) or room.refused(problem)
    return await _page(front, call, joining=sent.refused(known), status=problem.status)


async def _page(
    front: Front,
    call: Call,
    *,
    done: str = "",
    status: int = 200,
    opening: forms.Sent[Opening] | None = None,
    joining: forms.Sent[Invited] | None = None,
) -> web.Response:
    found: list[Any] = await front.upstream.items(call.visit, "accounts", "/organisations")
    return room.page(
        front,
        call,
        "organisation",
        "organisations.html",
        status=status,
        done=done,
        organisations=found,
        once=str(uuid4()),
        opening=opening,
        joining=joining,
    )
