"""What bookkeeping does: statements, money to clear up, money to send back."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.sealed import LONGEST, Sealed, seal, unseal
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms, uploads
from workcenter.domain.roles import BOOKKEEPING, SALES
from workcenter.web.desk import FORM, REFUSALS, Desk, Note, Word, act, many, may, noted
from workcenter.web.finding import order_of, whole
from workcenter.web.tables import Asked, Table, listed

routes = Routes()
LARGEST = 16 * 2**20
ZIP = b"PK"
REVIEW = "/money/review"
MOST_ORDERS = 5
# why a transfer waits that may be a part of what is owed
ADDED_UP = ("underpaid", "no_reference", "unknown_reference", "overpaid", "paid_twice")
IMPORTED = ("imported_at", "iban", "first_day", "entries", "matched")


class Allocate(forms.Form):
    """The units that an entry pays, alone or with further ones."""

    order: UUID
    units: Annotated[list[UUID], Field(min_length=1, max_length=500), many]
    together_with: Annotated[list[UUID], Field(max_length=20, default_factory=list[UUID]), many]


class Close(forms.Form):
    """What became of the money."""

    outcome: Literal["paid_back", "kept"]


class PaidOut(forms.Form):
    """The bank's reference of what went back."""

    reference: Annotated[str, Field(min_length=1, max_length=35, pattern=r"^[A-Za-z0-9 ./+:-]+$")]


@routes.get("/money", also={200: HTML, 303: None})
async def statements(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
    note: Note = "",
    result: Sealed = "",
) -> web.Response:
    """Where bank statements are handed in, and which were; sales sees the refunds that need their units."""
    visit = await desk.receive(read, begin, request)
    if not may(visit, BOOKKEEPING):
        return see("/money/unexplained")
    done = unseal(visit, "/money", result)
    table = await _statements(desk, visit, Asked(sort, descending, find, cursor))
    return desk.page(
        visit,
        "statements.html",
        place="/money" if done else "",
        files=done and done["files"],
        table=table,
        note=note,
        books=True,
    )


@routes.post("/money/statements", takes=uploads.MULTIPART, also={200: HTML, 303: None})
async def import_statements(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Book the credits of a bank's file, or of a ZIP archive of such files, and show what came of each."""
    visit = await desk.receive(read, begin, request)
    sent = await uploads.receive(request, visit)
    content = await sent.whole(LARGEST)
    if not content:
        return see(noted("/money", "refused-no-file"))
    try:
        files = await _imported(desk, visit, sent.name, content)
    except Problem as refused:
        if refused.status not in REFUSALS:
            raise
        return see(noted("/money", f"refused-{refused.kind}"))
    done = seal(visit, "/money", {"files": files})
    if len(done) <= LONGEST:
        return see(f"/money?result={done}")
    table = await _statements(desk, visit, Asked())
    return desk.page(visit, "statements.html", place="/money", files=files, table=table, note="", books=True)


@routes.get("/money/review", also={200: HTML})
async def review(
    read: Read, begin: Begin, request: web.Request, desk: Desk, cursor: Word | None = None, note: Note = ""
) -> web.Response:
    """Money that matches no order; each opening of a payer is recorded."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "payments", "/review", cursor=cursor, limit=20)
    return desk.page(
        visit, "review.html", found=found, known=await _named(desk, visit, found["items"]), note=note, books=True
    )


@routes.get("/money/review/{entry}", also={200: HTML, 303: None})
async def allocation(
    read: Read, begin: Begin, request: web.Request, desk: Desk, entry: UUID, order: Word = "", note: Note = ""
) -> web.Response:
    """Choose the units of an order that an entry pays."""
    visit = await desk.receive(read, begin, request)
    entries = await desk.upstream.items(visit, "payments", "/review", limit=100)
    found = next((one for one in entries if one["entry"] == str(entry)), None)
    if found is None:
        return see(noted(REVIEW, "refused-entry-closed"))
    named = [*([found["order"]] if found["order"] else []), *found["proposed"]]
    wanted = [order.strip()] if order.strip() else named
    orders = await asyncio.gather(*(whole(desk, visit, one, MOST_ORDERS) for one in wanted[:MOST_ORDERS]))
    return desk.page(
        visit,
        "allocation.html",
        entry=found,
        known={one["order"]: one | one["totals"] for several in orders for one in several},
        orders=[one for found in orders for one in found][:MOST_ORDERS],
        others=[one for one in entries if one["entry"] != found["entry"] and _adds_up(one, found)],
        asked=order,
        note=note,
        books=True,
    )


@routes.post("/money/review/{entry}/allocation", takes=FORM, also={303: None})
async def allocate(read: Read, begin: Begin, request: web.Request, desk: Desk, entry: UUID) -> web.Response:
    """Let transferred money pay units."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Allocate)).model
    if form is None:
        return see(noted(f"{REVIEW}/{entry}", "refused-no-units"))
    body: dict[str, Any] = {"order": str(form.order), "units": [str(unit) for unit in form.units]}
    body["together_with"] = [str(one) for one in form.together_with]
    here = f"{REVIEW}/{entry}?order={form.order}"
    try:
        await desk.upstream.post(visit, "payments", f"/review/{entry}/allocation", body)
    except Problem as refused:
        if refused.status not in REFUSALS:
            raise
        return see(noted(here, f"refused-{refused.kind}"))
    return see(noted(REVIEW, "done-allocated"))


@routes.post("/money/review/{entry}/closing", takes=FORM, also={303: None})
async def close(read: Read, begin: Begin, request: web.Request, desk: Desk, entry: UUID) -> web.Response:
    """Take an entry off the list."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Close)).model
    if form is None:
        return see(noted(REVIEW, "refused-invalid"))
    work = desk.upstream.post(visit, "payments", f"/review/{entry}/closing", form.model_dump())
    return await act(work, REVIEW, "closed")


@routes.get("/money/payouts", also={200: HTML})
async def payouts(
    read: Read, begin: Begin, request: web.Request, desk: Desk, cursor: Word | None = None, note: Note = ""
) -> web.Response:
    """Money to send back by hand; each opening of a payer is recorded."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "payments", "/payouts", cursor=cursor, limit=20)
    return desk.page(visit, "payouts.html", found=found, note=note, books=True)


@routes.post("/money/payouts/{refund}/done", takes=FORM, also={303: None})
async def paid_out(read: Read, begin: Begin, request: web.Request, desk: Desk, refund: UUID) -> web.Response:
    """Record that money has gone back."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, PaidOut)).model
    if form is None:
        return see(noted("/money/payouts", "refused-reference"))
    work = desk.upstream.post(visit, "payments", f"/payouts/{refund}/done", form.model_dump())
    return await act(work, "/money/payouts", "paid-out")


@routes.get("/money/unexplained", also={200: HTML})
async def unexplained(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """What providers paid back without it being clear for which units."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "orders", "/unexplained-refunds")
    orders = await asyncio.gather(*(order_of(desk, visit, one["order"]) for one in found["items"][:50]))
    known = {one.facts["order"]: one.facts for one in orders if one.here}
    return desk.page(
        visit, "unexplained.html", found=found, orders=known, books=may(visit, BOOKKEEPING), sells=may(visit, SALES)
    )


async def _statements(desk: Desk, visit: Visit, asked: Asked) -> Table:
    return await listed(desk, visit, ("payments", "/statements"), "/money", IMPORTED, asked)


async def _imported(desk: Desk, visit: Visit, name: str, content: bytes) -> list[Any]:
    if content.startswith(ZIP):
        done = await desk.upstream.send(visit, "payments", "POST", "/statements/archives", content, "application/zip")
        return done["items"]
    one = await desk.upstream.send(visit, "payments", "POST", "/statements", content, "application/xml")
    return [{"name": name, "imported": one, "refused": None, "kind": None, "rule": None}]


async def _named(desk: Desk, visit: Visit, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the orders that entries name, by their ids."""
    ids = list(dict.fromkeys(one["order"] for one in entries if one["order"]))
    found = await asyncio.gather(*(order_of(desk, visit, one) for one in ids))
    return {one.facts["order"]: one.facts | one.facts["totals"] for one in found if one.here}


def _adds_up(one: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """Return whether an entry may be another part of what one pays: money of a transfer that names no other order."""
    same = one["currency"] == entry["currency"] and one["order"] in (None, entry["order"])
    return same and one["reason"] in ADDED_UP
