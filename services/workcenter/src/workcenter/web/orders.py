"""Orders: the list, and one page with all that became of one."""

import asyncio
from typing import Any, Final
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML
from pages.visit import Visit

from workcenter.domain.keys import device_limits
from workcenter.domain.period import Bounds, bounds
from workcenter.domain.refunds import REFUNDABLE, given_back, merged, returning
from workcenter.domain.roles import BOOKKEEPING, REVIEWER, SALES, SUPPORT
from workcenter.domain.sought import numbers
from workcenter.web.asking import Piece, nothing, piece
from workcenter.web.desk import Desk, Note, Word, may
from workcenter.web.order_table import write
from workcenter.web.tables import Asked, listed

routes = Routes()
CSV: Final = "text/csv"
STATES: Final = ("open", "partly_paid", "paid", "delivered", "partly_refunded", "refunded", "cancelled")
UNPAID: Final = frozenset({"open", "partly_paid"})
COLUMNS: Final = ("number", "ordered_at", "names", "state", "gross", "payment_method", "channel", "seller", "customer")


@routes.get("/orders", also={200: HTML})
async def list_orders(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    state: Word = "",
    customer: UUID | None = None,
    number: Word = "",
    since: Word = "",
    until: Word = "",
    to_ship: bool = False,
    sort: Word = "",
    descending: bool = False,
    cursor: Word | None = None,
) -> web.Response:
    """Orders, newest first, of one state, customer, number or period if asked for, or with boxes to post."""
    visit = await desk.receive(read, begin, request)
    chosen, number = state if state in STATES else "", number.strip()[:64]
    days = bounds(since, until, desk.zone)
    kept, asked_for = _asked(chosen, customer, number, since, until, days, to_ship=to_ship)
    asked = Asked(sort, descending, cursor=cursor)
    seen = may(visit, SALES, SUPPORT)
    more: dict[str, Any] = {
        "states": STATES,
        "state": chosen,
        "customer": customer,
        "number": number,
        "since": since if days.since else "",
        "until": until if days.until else "",
        "to_ship": to_ship,
        "withdrawals_seen": seen,
    }
    table = await listed(desk, visit, ("orders", "/orders"), "/orders", COLUMNS, asked, kept=kept, query=asked_for)
    return desk.page(visit, "orders.html", table=table, **more)


@routes.get("/orders/table", also={200: CSV})
async def table(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    state: Word = "",
    customer: UUID | None = None,
    number: Word = "",
    since: Word = "",
    until: Word = "",
    to_ship: bool = False,
) -> web.StreamResponse:
    """The same as a file for spreadsheets."""
    visit = await desk.receive(read, begin, request)
    chosen, days = state if state in STATES else "", bounds(since, until, desk.zone)
    _, asked_for = _asked(chosen, customer, number.strip()[:64], since, until, days, to_ship=to_ship)
    return await write(request, desk, visit, asked_for)


@routes.get("/orders/{order}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, note: Note = ""
) -> web.Response:
    """An order with everything that became of it (ORD-11)."""
    visit = await desk.receive(read, begin, request)
    return desk.page(visit, "order.html", **await chain(desk, visit, order), note=note)


async def chain(desk: Desk, visit: Visit, order: UUID) -> dict[str, Any]:
    """Return an order with its chain, asked of all services at once; only the order itself must be there."""
    at = f"/orders/{order}"
    (
        found,
        withdrawals,
        transfer,
        payments,
        refunds,
        grants,
        proof,
        licenses,
        emails,
        conversation,
        claims,
        parcels,
        taken_back,
    ) = await asyncio.gather(
        desk.upstream.get(visit, "orders", at),
        piece(desk, visit, "orders", f"{at}/withdrawals"),
        piece(desk, visit, "payments", f"{at}/transfer"),
        piece(desk, visit, "payments", "/payments", order=order),
        piece(desk, visit, "payments", f"{at}/refunds"),
        piece(desk, visit, "delivery", f"{at}/grants"),
        piece(desk, visit, "delivery", f"{at}/downloads"),
        piece(desk, visit, "licensing", f"{at}/licenses"),
        piece(desk, visit, "letters", f"{at}/emails"),
        piece(desk, visit, "mail-relay", f"{at}/conversation"),
        piece(desk, visit, "mail-relay", f"{at}/claims"),
        piece(desk, visit, "orders", f"{at}/shipments"),
        piece(desk, visit, "orders", f"{at}/refunds"),
    )
    units = [unit for line in found["lines"] for unit in line["units"]]
    boxed = [unit for line in found["lines"] if line["fulfilment"] == "boxed" for unit in line["units"]]
    return {
        "order": found,
        "withdrawals": withdrawals,
        "returning": returning(found, withdrawals.entries),
        "transfer": transfer,
        "payments": payments,
        "refunds": merged(taken_back.entries, refunds.entries, found["totals"]["currency"]),
        "given_back": given_back(found),
        "grants": grants,
        "proof": proof,
        "licenses": licenses,
        "device_limits": device_limits(licenses.entries),
        "emails": emails,
        "conversation": conversation,
        "messages": await _messages(desk, visit, conversation),
        "claims": claims,
        "parcels": parcels,
        "once": uuid4(),
        "refundable": [unit for unit in units if unit["state"] in REFUNDABLE],
        "shippable": [unit for unit in boxed if unit["state"] == "paid"],
        "cancellable": found["state"] in UNPAID,
        "boxed": boxed,
        "sells": may(visit, SALES),
        "supports": may(visit, SUPPORT),
        "links": may(visit, SALES, SUPPORT),
        "books": may(visit, BOOKKEEPING),
        "reviews": may(visit, REVIEWER),
        "name": None,
        "erased": False,
        "email": None,
        "billing": None,
        "buyer": None,
        "handles": may(visit, SALES, SUPPORT, BOOKKEEPING),
        "shipping_as": {"units": (), "carrier": "", "tracking_number": ""},
        "shipping": None,
        "texts": None,
        "purpose": "",
    }


def _asked(
    state: str, customer: UUID | None, number: str, since: str, until: str, days: Bounds, *, to_ship: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what of a question stands in the page's address, and how orders is asked it."""
    ship = {"to_ship": "true"} if to_ship else {}
    both = {"state": state, "customer": str(customer or ""), **ship}
    kept = {**both, "number": number, "since": since if days.since else "", "until": until if days.until else ""}
    asked = {**both, "number": numbers(number)[0] if number else "", "since": days.since, "until": days.until}
    return _given(kept), _given(asked)


def _given(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}


async def _messages(desk: Desk, visit: Visit, conversation: Piece) -> Piece:
    if not conversation.here:
        return await nothing()
    path = f"/conversations/{conversation.facts['conversation']}/messages"
    return await piece(desk, visit, "mail-relay", path, limit=100)
