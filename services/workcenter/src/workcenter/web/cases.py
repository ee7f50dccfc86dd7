"""What reviewers read and decide: held messages, conversations with all their evidence, holds."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.sealed import Sealed
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms
from workcenter.domain.roles import REVIEWER
from workcenter.web.asking import piece
from workcenter.web.desk import FORM, Desk, Note, Word, act, may, noted, session_of
from workcenter.web.reading import asked_at, opened_here, read_at
from workcenter.web.tables import Asked, shown

routes = Routes()
HELD = "/cases"
TALKS = "/cases/conversations"
TALKED = ("opened_at", "seller", "order_number", "customer", "messages")
COLUMNS = ("kind", "side", "state", "judged_at", "rule")
Purpose = Annotated[str, Field(min_length=3, max_length=200)]


class Deny(forms.Form):
    """Why a message is not passed on."""

    reason: Literal["off_platform", "harmful", "unlawful", "unwanted"]


class Why(forms.Form):
    """What a case is read for."""

    purpose: Purpose
    cursor: Annotated[str, Field(max_length=200)] = ""


class Switch(forms.Form):
    """What an alias is abused for; nothing where it may be written to again."""

    reason: Literal["", "spam", "fraud", "malware", "compromised"] = ""


@routes.get("/cases", also={200: HTML})
async def held(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """The messages that wait for a judgement, the oldest first."""
    visit = await desk.receive(read, begin, request)
    asked = Asked(sort, descending, find, cursor)
    return await shown(desk, visit, "held.html", ("mail-relay", "/held-messages"), HELD, COLUMNS, asked, note=note)


@routes.post("/messages/{message}/release", takes=FORM, also={303: None})
async def release(read: Read, begin: Begin, request: web.Request, desk: Desk, message: UUID) -> web.Response:
    """Pass a held message on."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    return await act(desk.upstream.post(visit, "mail-relay", f"/messages/{message}/release"), HELD, "released")


@routes.post("/messages/{message}/denial", takes=FORM, also={303: None})
async def deny(read: Read, begin: Begin, request: web.Request, desk: Desk, message: UUID) -> web.Response:
    """Do not pass a message on, for good."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Deny)).model
    if form is None:
        return see(noted(HELD, "refused-invalid"))
    work = desk.upstream.post(visit, "mail-relay", f"/messages/{message}/denial", form.model_dump())
    return await act(work, HELD, "not-passed")


@routes.get("/cases/conversations", also={200: HTML})
async def conversations(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    number: Word = "",
    seller: Word = "",
    customer: UUID | None = None,
    sort: Word = "",
    descending: bool = False,
    cursor: Word | None = None,
) -> web.Response:
    """All conversations, the newest first, with a seller, about an order or of a customer; the reading is recorded."""
    visit = await desk.receive(read, begin, request)
    query = {"number": number.strip()[:64], "seller": seller.strip()[:64], "customer": str(customer or "")}
    kept = {name: value for name, value in query.items() if value}
    asked, source = Asked(sort, descending, cursor=cursor), ("mail-relay", "/all-conversations")
    return await shown(
        desk, visit, "conversations.html", source, TALKS, TALKED, asked, kept=kept, recorded=True, wanted=query
    )


@routes.get("/conversations/{conversation}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, conversation: UUID, note: Note = ""
) -> web.Response:
    """A conversation without what is in it; to read it, one says what for."""
    visit = await desk.receive(read, begin, request)
    messages = await desk.upstream.get(visit, "mail-relay", f"/conversations/{conversation}/messages", limit=100)
    return await _page(desk, visit, conversation, messages=messages, note=note)


@routes.post("/conversations/{conversation}/case", takes=FORM, also={303: None})
async def ask_for_case(read: Read, begin: Begin, request: web.Request, desk: Desk, conversation: UUID) -> web.Response:
    """Lead to the evidence, for the purpose that was typed."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Why)).model
    if form is None:
        return see(noted(f"/conversations/{conversation}", "refused-no-purpose"))
    return read_at(visit, f"/conversations/{conversation}/case", **form.model_dump())


@routes.get("/conversations/{conversation}/case", also={200: HTML, 303: None})
async def read_case(
    read: Read, begin: Begin, request: web.Request, desk: Desk, conversation: UUID, asked: Sealed = ""
) -> web.Response:
    """All evidence in one view; the reading is recorded with its purpose, and published."""
    visit = await desk.receive(read, begin, request)
    opened_here(request, f"/conversations/{conversation}")
    form = asked_at(visit, f"/conversations/{conversation}/case", asked)
    if form is None:
        return see(noted(f"/conversations/{conversation}", "refused-no-purpose"))
    case = await desk.upstream.get(
        visit,
        "mail-relay",
        f"/conversations/{conversation}/case",
        purpose=form["purpose"],
        cursor=form["cursor"] or None,
        limit=50,
    )
    return await _page(desk, visit, conversation, case=case, purpose=form["purpose"])


@routes.post("/conversations/{conversation}/holds", takes=FORM, also={303: None})
async def hold(read: Read, begin: Begin, request: web.Request, desk: Desk, conversation: UUID) -> web.Response:
    """Keep a conversation whole."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    here = f"/conversations/{conversation}"
    return await act(desk.upstream.post(visit, "mail-relay", f"{here}/holds"), here, "on-hold")


@routes.post("/conversations/{conversation}/holds/{hold}/release", takes=FORM, also={303: None})
async def release_hold(
    read: Read, begin: Begin, request: web.Request, desk: Desk, conversation: UUID, hold: UUID
) -> web.Response:
    """Release a hold."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    work = desk.upstream.post(visit, "mail-relay", f"/holds/{hold}/release")
    return await act(work, f"/conversations/{conversation}", "hold-released")


@routes.post("/conversations/{conversation}/aliases/{side}", takes=FORM, also={303: None})
async def switch(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    conversation: UUID,
    side: Literal["buyer", "seller"],
) -> web.Response:
    """Switch the alias of a side off for a reason, or on again."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Switch)).model
    here = f"/conversations/{conversation}"
    if form is None:
        return see(noted(here, "refused-invalid"))
    path = f"{here}/aliases/{side}"
    if form.reason:
        return await act(
            desk.upstream.post(visit, "mail-relay", f"{path}/off", {"reason": form.reason}), here, "alias-off"
        )
    return await act(desk.upstream.post(visit, "mail-relay", f"{path}/on"), here, "alias-on")


async def _page(desk: Desk, visit: Visit, conversation: UUID, **facts: Any) -> web.Response:
    holds = await piece(desk, visit, "mail-relay", f"/conversations/{conversation}/holds")
    shown: dict[str, Any] = {
        "once": uuid4(),
        "case": None,
        "messages": None,
        "purpose": "",
        "note": "",
        "reviews": may(visit, REVIEWER),
    } | facts
    return desk.page(
        visit,
        "case.html",
        place=f"/conversations/{conversation}",
        conversation=conversation,
        holds=holds,
        me=session_of(visit).subject,
        **shown,
    )
