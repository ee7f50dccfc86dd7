"""What was downloaded: the seven columns, a chart, a table for spreadsheets, and what was broken off."""

import asyncio
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.formats import moment_of
from pages.site import HTML, see
from pages.visit import Visit

from workcenter.domain.chart import per_day
from workcenter.domain.period import Period, period
from workcenter.web.asking import Piece, nothing, piece
from workcenter.web.desk import Desk, Word
from workcenter.web.passing import passed_on
from workcenter.web.tables import Asked, listed, shown

routes = Routes()
COLUMNS: Final = ("Zeitpunkt", "SessionId", "Artikel", "Bestelldatum", "Name", "Firma", "eMail", "Nachweis")
ATTEMPTS: Final = (
    "started_at",
    "order_number",
    "sku",
    "file_name",
    "bytes_arrived",
    "last_byte_at",
    "requests",
    "running",
)
CHARTED: Final = 500
CSV: Final = "text/csv"


@routes.get("/downloads", also={200: HTML})
async def view(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    since: Word = "",
    until: Word = "",
    sort: Word = "",
    descending: bool = False,
    cursor: Word | None = None,
) -> web.Response:
    """The downloads of a period, newest first, with a bar for each day on the first page."""
    visit = await desk.receive(read, begin, request)
    asked = period(since, until, read.now.astimezone(desk.zone).date())
    begins, ends = asked.bounds(desk.zone)
    within = {"since": begins, "until": ends}
    table, whole = await asyncio.gather(
        listed(
            desk,
            visit,
            ("delivery", "/downloads"),
            "/downloads",
            COLUMNS,
            Asked(sort, descending, cursor=cursor),
            kept=_asked(asked),
            query={**within, "proof": True},
            recorded=True,
        ),
        _charted(desk, visit, within) if cursor is None else nothing(),
    )
    days = [moment_of(one["Zeitpunkt"]).astimezone(desk.zone).date() for one in whole.entries]
    chart = per_day(days, asked.first, asked.last) if whole.here else None
    return desk.page(
        visit, "downloads.html", table=table, chart=chart, partial=whole.following is not None, **_asked(asked)
    )


@routes.get("/downloads/table", also={200: CSV})
async def table(
    read: Read, begin: Begin, request: web.Request, desk: Desk, since: Word = "", until: Word = ""
) -> web.StreamResponse:
    """The same as a file for spreadsheets, passed on as it comes."""
    visit = await desk.receive(read, begin, request)
    begins, ends = period(since, until, read.now.astimezone(desk.zone).date()).bounds(desk.zone)
    answer = await desk.upstream.stream(visit, "delivery", "/downloads.csv", since=begins, until=ends, proof=True)
    return await passed_on(request, answer)


@routes.get("/downloads/attempts", also={200: HTML})
async def attempts(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
) -> web.Response:
    """Downloads that were begun and are not complete."""
    visit = await desk.receive(read, begin, request)
    asked = Asked(sort, descending, find, cursor)
    source = ("delivery", "/attempts")
    return await shown(desk, visit, "attempts.html", source, "/downloads/attempts", ATTEMPTS, asked)


@routes.get("/downloads/received", also={200: HTML, 303: None})
async def received(
    read: Read, begin: Begin, request: web.Request, desk: Desk, customer: Word = "", sku: Word = ""
) -> web.Response:
    """Lead to whether a customer has received an article."""
    visit = await desk.receive(read, begin, request)
    try:
        known = UUID(customer.strip())
    except ValueError:
        return desk.page(visit, "received.html", customer=customer, sku=sku, asked=bool(customer or sku))
    return see(f"/customers/{known}?sku={quote(sku.strip())}" if sku.strip() else f"/customers/{known}")


def _asked(asked: Period) -> dict[str, Any]:
    return {"since": asked.first.isoformat(), "until": asked.last.isoformat()}


async def _charted(desk: Desk, visit: Visit, within: dict[str, str]) -> Piece:
    return await piece(desk, visit, "delivery", "/downloads", **within, limit=CHARTED)
