"""What is looked after: erasures and who has confirmed them, e-mails that bounced, partners."""

import asyncio
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML

from pages import forms
from workcenter.domain.roles import SUPPORT
from workcenter.web.asking import piece
from workcenter.web.desk import FORM, Desk, Note, Word, act, may, session_of
from workcenter.web.tables import Asked, listed, shown

routes = Routes()
ERASED = ("customer", "erased_at", "complete")
BOUNCED = ("kind", "settled_at", "order", "attempts", "code", "answer")
PARTNERS = ("partner", "state", "since", "behind")


@routes.get("/erasures", also={200: HTML})
async def list_erasures(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
) -> web.Response:
    """Whose data are erased, newest first."""
    visit = await desk.receive(read, begin, request)
    asked = Asked(sort, descending, find, cursor)
    return await shown(desk, visit, "erasures.html", ("accounts", "/erasures"), "/erasures", ERASED, asked)


@routes.get("/erasures/{customer}", also={200: HTML})
async def view_erasure(read: Read, begin: Begin, request: web.Request, desk: Desk, customer: UUID) -> web.Response:
    """The erasure of one customer: each key, and which service has confirmed its end."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "accounts", f"/erasures/{customer}")
    return desk.page(visit, "erasure.html", erasure=found)


@routes.get("/emails", also={200: HTML})
async def bounced(
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
    """E-mails that were refused for good, and notifications beside them."""
    visit = await desk.receive(read, begin, request)
    asked = Asked(sort, descending, find, cursor)
    table, others = await asyncio.gather(
        listed(desk, visit, ("letters", "/bounced-emails"), "/emails", BOUNCED, asked),
        piece(desk, visit, "letters", "/bounced-notifications", limit=50),
    )
    return desk.page(visit, "emails.html", table=table, others=others, supports=may(visit, SUPPORT), note=note)


@routes.post("/emails/{email}/retry", takes=FORM, also={303: None})
async def retry(read: Read, begin: Begin, request: web.Request, desk: Desk, email: UUID) -> web.Response:
    """Send a bounced e-mail after all."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    return await act(desk.upstream.post(visit, "letters", f"/emails/{email}/retry"), "/emails", "retried")


@routes.get("/partners", also={200: HTML})
async def partners(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
) -> web.Response:
    """The partners and the channels whose events they read."""
    visit = await desk.receive(read, begin, request)
    asked = Asked(sort, descending, find)
    tenant = session_of(visit).tenant
    table, channels = await asyncio.gather(
        listed(desk, visit, ("partners", "/partners"), "/partners", PARTNERS, asked, paged=False),
        piece(desk, visit, "catalog", "/channels", tenant=tenant),
    )
    resellers = [one for one in channels.entries if one["kind"] == "partner"]
    return desk.page(visit, "partners.html", table=table, channels=channels, resellers=resellers)
