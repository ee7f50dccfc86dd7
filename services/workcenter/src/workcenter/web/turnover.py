"""What was paid and paid back in a time, with sums by day or month and currency; for bookkeeping."""

import asyncio
from collections import defaultdict
from datetime import date
from typing import Any, Final, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML

from workcenter.domain.chart import Chart, days_of, drawn, months_of
from workcenter.domain.period import Period, period
from workcenter.web.asking import piece
from workcenter.web.desk import Desk, Word
from workcenter.web.tables import Asked, listed

routes = Routes()
PAGE: Final = "/money/payments"
COLUMNS: Final = ("at", "number", "kind", "state", "amount", "currency")


@routes.get(PAGE, also={200: HTML})
async def view(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    since: Word = "",
    until: Word = "",
    by: Literal["day", "month"] = "day",
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
) -> web.Response:
    """Payments and refunds of a time, newest first, and what they come to."""
    visit = await desk.receive(read, begin, request)
    asked = period(since, until, read.now.astimezone(desk.zone).date())
    begins, ends = asked.bounds(desk.zone)
    within = {"since": begins, "until": ends}
    kept: dict[str, Any] = {"since": asked.first.isoformat(), "until": asked.last.isoformat(), "by": by}
    table, sums = await asyncio.gather(
        listed(
            desk,
            visit,
            ("payments", "/bookings"),
            PAGE,
            COLUMNS,
            Asked(sort, descending, find, cursor),
            kept=kept,
            query=within,
        ),
        piece(desk, visit, "payments", "/turnover", **within, by=by, zone=str(desk.zone)),
    )
    charts = _charts(sums.entries, asked, by)
    return desk.page(visit, "turnover.html", table=table, sums=sums, charts=charts, books=True, **kept)


def _charts(sums: list[dict[str, Any]], asked: Period, by: str) -> dict[str, Chart]:
    """Return a chart of what came in for each currency, the one with most payments first."""
    found: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for one in sorted(sums, key=lambda one: -one["payments"]):
        found[one["currency"]][date.fromisoformat(one["first"])] = one["received"]
    points = months_of(asked.first, asked.last) if by == "month" else days_of(asked.first, asked.last)
    return {currency: drawn([(day, amounts.get(day, 0)) for day in points]) for currency, amounts in found.items()}
