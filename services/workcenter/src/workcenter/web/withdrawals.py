"""Withdrawals: what was declared, what follows, who has declared what fits no order, and what came of it (ORD-8)."""

from typing import Annotated, Final, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from workcenter.web.desk import FORM, Desk, Note, Word, act, noted
from workcenter.web.reading import opened_here

routes = Routes()
PAGE: Final = "/withdrawals"
AT_ONCE: Final = 20
PURPOSE: Final = "withdrawal"


class Done(forms.Form):
    """What came of a declaration that waited for somebody."""

    came_of_it: Annotated[str, Field(min_length=1, max_length=500)]


@routes.get(PAGE, also={200: HTML})
async def list_withdrawals(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    state: Literal["waiting", "all"] = "waiting",
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """What was declared, newest first: that with which somebody has something to do, or all of it."""
    visit = await desk.receive(read, begin, request)
    waiting = True if state == "waiting" else None
    found = await desk.upstream.get(visit, "orders", PAGE, waiting=waiting, cursor=cursor, limit=AT_ONCE)
    return desk.page(visit, "withdrawals.html", found=found, state=state, withdrawals_seen=True, note=note)


@routes.get(PAGE + "/{withdrawal}/declarant", also={200: HTML, 303: None})
async def declarant(read: Read, begin: Begin, request: web.Request, desk: Desk, withdrawal: UUID) -> web.Response:
    """Show who has declared what fits no order; the reading is recorded."""
    visit = await desk.receive(read, begin, request)
    opened_here(request, PAGE)
    here = f"{PAGE}/{withdrawal}"
    declared = await desk.upstream.get(visit, "orders", here)
    who = await desk.upstream.get(visit, "orders", f"{here}/declarant", purpose=PURPOSE)
    return desk.page(visit, "declarant.html", place=PAGE, declared=declared, who=who)


@routes.post(PAGE + "/{withdrawal}/done", takes=FORM, also={303: None})
async def finish(read: Read, begin: Begin, request: web.Request, desk: Desk, withdrawal: UUID) -> web.Response:
    """Record what came of a declaration: it waits for nobody any more."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Done)).model
    if form is None:
        return see(noted(PAGE, "refused-no-result"))
    work = desk.upstream.post(visit, "orders", f"{PAGE}/{withdrawal}/done", {"note": form.came_of_it})
    return await act(work, PAGE, "dealt-with")
