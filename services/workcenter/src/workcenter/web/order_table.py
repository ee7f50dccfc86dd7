"""The list of orders as a file for spreadsheets, written page by page as orders answers."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiohttp import web
from babel.numbers import format_decimal
from pages.formats import moment_of
from pages.visit import Visit

from workcenter.web.desk import Desk

AT_ONCE: Final = 500
MOST_PAGES: Final = 200
# spreadsheets would reckon with what begins so
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
HEADERS: Final = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": 'attachment; filename="orders.csv"',
    "Cache-Control": "no-store",
}
COLUMNS: Final = (
    "number",
    "ordered_at",
    "state",
    "names",
    "gross",
    "currency",
    "payment_method",
    "channel",
    "market",
    "seller",
    "customer_type",
    "customer",
    "order",
)


async def write(request: web.Request, desk: Desk, visit: Visit, query: Mapping[str, Any]) -> web.StreamResponse:
    """Return the orders that a list would show, all of them up to 100 000, newest first."""
    page = await desk.upstream.get(visit, "orders", "/orders", limit=AT_ONCE, **query)
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    await response.write(("\ufeff" + lines([COLUMNS])).encode())
    for _ in range(MOST_PAGES):
        await response.write(lines(row(one, desk) for one in page["items"]).encode())
        if page["next"] is None:
            break
        page = await desk.upstream.get(visit, "orders", "/orders", limit=AT_ONCE, cursor=page["next"], **query)
    await response.write_eof()
    return response


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as lines of a table whose cells no spreadsheet takes for formulas."""
    text = io.StringIO()
    guarded = ([f"'{cell}" if cell.startswith(FORMULAS) else cell for cell in one] for one in rows)
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(guarded)
    return text.getvalue()


def row(one: Mapping[str, Any], desk: Desk) -> list[str]:
    """Return an order as cells: an amount as it is written here, a moment in the shop's time zone."""
    shown = {
        "names": ", ".join(one["names"]),
        "gross": format_decimal(one["gross"] / 100, "0.00", locale="de"),
        "ordered_at": moment_of(one["ordered_at"]).astimezone(desk.zone).strftime("%Y-%m-%d %H:%M:%S"),
    }
    return [str(shown.get(column, one[column])) for column in COLUMNS]
