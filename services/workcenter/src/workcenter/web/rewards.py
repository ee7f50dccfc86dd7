"""Rewards that were redeemed: which a partner has still to deliver, and where they go."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see

from pages import forms
from workcenter.domain.roles import SUPPORT
from workcenter.web.desk import FORM, Desk, Note, Word, act, may
from workcenter.web.reading import opened_here
from workcenter.web.tables import Asked, shown

routes = Routes()
STATES = ("open", "fulfilled", "failed")
OPEN = "/rewards?state=open"
COLUMNS = ("name", "reward", "kind", "redeemed_at", "points", "member")


@routes.get("/rewards", also={200: HTML, 303: None})
async def list_redemptions(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    state: Word = "",
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """The tenant's redemptions, newest first."""
    visit = await desk.receive(read, begin, request)
    if not may(visit, SUPPORT):
        return see("/rewards/rules")
    chosen = state if state in STATES else ""
    kept = {"state": chosen} if chosen else {}
    asked = Asked(sort, descending, find, cursor)
    return await shown(
        desk,
        visit,
        "rewards.html",
        ("rewards", "/redemptions"),
        "/rewards",
        COLUMNS,
        asked,
        kept=kept,
        query={"language": visit.language},
        states=STATES,
        state=chosen,
        note=note,
    )


@routes.get("/redemptions/{redemption}/destination", also={200: HTML, 303: None})
async def destination(read: Read, begin: Begin, request: web.Request, desk: Desk, redemption: UUID) -> web.Response:
    """Show where a redemption goes; each reading is recorded."""
    visit = await desk.receive(read, begin, request)
    opened_here(request, OPEN)
    found = await desk.upstream.get(visit, "rewards", f"/redemptions/{redemption}/destination")
    return desk.page(visit, "destination.html", place=OPEN, redemption=redemption, destination=found)


@routes.post("/redemptions/{redemption}/fulfilment", takes=FORM, also={303: None})
async def fulfil(read: Read, begin: Begin, request: web.Request, desk: Desk, redemption: UUID) -> web.Response:
    """Record that the partner has delivered."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    work = desk.upstream.post(visit, "rewards", f"/redemptions/{redemption}/fulfilment")
    return await act(work, OPEN, "fulfilled")


@routes.post("/redemptions/{redemption}/failure", takes=FORM, also={303: None})
async def fail(read: Read, begin: Begin, request: web.Request, desk: Desk, redemption: UUID) -> web.Response:
    """Record that the partner cannot deliver: the points go back."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    work = desk.upstream.post(visit, "rewards", f"/redemptions/{redemption}/failure")
    return await act(work, OPEN, "not-delivered")
