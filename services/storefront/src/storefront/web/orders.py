"""One order: right after it was placed, and ever after. It shows by itself what arrives."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.acting import acting_of
from pages.site import HTML, see

from pages import forms
from storefront.domain import refund
from storefront.domain.leaving import is_leaving
from storefront.web.following import EVENTS, Pace, follow
from storefront.web.front import Call, Front

routes = Routes()
# a letter is shown within 300 ms; whoever waits for a bank's transfer needs no such haste
PACE: Final = Pace(quick_seconds=0.15, slow_seconds=2.0, quick_looks=150, most_looks=430)
THANKS: Final = timedelta(hours=1)
ENDED: Final = frozenset({"closed", "cancelled", "refunded"})


@routes.get("/orders/{order}", also={200: HTML})
async def view(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.Response:
    """An order with its payment, downloads and keys."""
    call = await front.customer(read, begin, request)
    me = await _one(front, call, "accounts", "/me")
    facts = await _facts(front, call, order, read.now, me)
    buyer = await _one(front, call, "orders", f"/orders/{order}/buyer")
    return front.page(call, "order.html", buyer=buyer, **facts)


@routes.get("/orders/{order}/events", also={200: EVENTS})
async def events(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.StreamResponse:
    """What arrives for an order, as it arrives: the same piece of page each time, as server-sent events (HTML, 9.2)."""
    call = await front.customer(read, begin, request)
    me = await _one(front, call, "accounts", "/me")
    look = partial(_facts, front, call, order, read.now, me)
    return await follow(front, call, request, "progress.html", PACE, look)


@routes.post("/orders/{order}/cancellation", takes=(forms.FORM,), also={303: None})
async def cancel(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.Response:
    """Cancel what is not paid yet."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    await front.upstream.post(call.visit, "orders", f"/orders/{order}/cancellation")
    return see(f"/orders/{order}")


@routes.post("/orders/{order}/consents", takes=(forms.FORM,), also={303: None})
async def consent(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.Response:
    """Ask for immediate delivery after all, with both statements."""
    call = await front.customer(read, begin, request)
    found = await forms.fields(request, call.visit)
    consents = [
        {"kind": kind, "version": found[kind][0]} for kind in ("immediate_delivery", "withdrawal_lost") if kind in found
    ]
    if len(consents) == 2:
        await front.upstream.post(call.visit, "orders", f"/orders/{order}/consents", {"consents": consents})
    return see(f"/orders/{order}")


async def _facts(front: Front, call: Call, order: UUID, now: datetime, me: dict[str, Any] | None) -> dict[str, Any]:
    """Return all that is known of an order; what a service cannot say at the moment is left out, not refused."""
    found, grants, keys, withdrawals, refunds = await asyncio.gather(
        front.upstream.get(call.visit, "orders", f"/orders/{order}"),
        _one(front, call, "delivery", f"/orders/{order}/grants"),
        _maybe(front, call, "licensing", f"/orders/{order}/licenses"),
        _maybe(front, call, "orders", f"/orders/{order}/withdrawals"),
        _maybe(front, call, "orders", f"/orders/{order}/refunds"),
    )
    transfer = None
    if found["payment_method"] == "transfer" and found["state"] in ("open", "unpaid", "partially_paid"):
        transfer = await _one(front, call, "payments", f"/orders/{order}/transfer")
    bookings = await _maybe(front, call, "payments", f"/orders/{order}/refunds") if refunds else []
    declared = [one for one in withdrawals if one["state"] == "decided"]
    back = refund.followed(refunds, bookings, declared)
    units = [unit for line in found["lines"] for unit in line["units"]]
    delivered = bool(units) and all(map(_arrived, units))
    later = [line["deliver_from"] for line in found["lines"] if line["deliver_from"]]
    waiting = max((at for at in later if datetime.fromisoformat(at) > now), default=None)
    consumer = found["customer_type"] == "consumer"
    own, acting = found["customer"] == call.session.subject, acting_of(call.session)
    return {
        "order": found,
        "own": own,
        # whom we thank has just ordered
        "email": me["email"] if me and own and now - datetime.fromisoformat(found["ordered_at"]) < THANKS else "",
        "leaving": own and is_leaving(me),
        "usable": own or bool(acting and acting.uses_all),
        "payments": [] if own else await _maybe(front, call, "payments", f"/payments?order={order}"),
        "units": units,
        "grants": grants["grants"] if grants else [],
        "keys": keys,
        "parcels": await _maybe(front, call, "orders", f"/orders/{order}/shipments") if _posted(found) else [],
        "transfer": None if transfer and transfer.get("pending") else transfer,
        "delivered": delivered,
        "mailed": _all_arrived(found, "download"),
        "posted": _all_arrived(found, "boxed"),
        "waiting": waiting,
        "texts": await _statements(front, call) if waiting and consumer and found["state"] != "cancelled" else {},
        "withdrawals": declared,
        "withdrawable": consumer and any(unit["state"] not in ("refunded", "cancelled") for unit in units),
        "refunded": sum(unit["gross"] for unit in units if unit["state"] == "refunded"),
        "refunds": back,
        "coming_back": any(one["coming"] for one in back),
        "done": delivered or found["state"] in ENDED,
    }


def _posted(order: dict[str, Any]) -> bool:
    """Return whether any box of an order is on its way."""
    units = [unit for line in order["lines"] if line["fulfilment"] == "boxed" for unit in line["units"]]
    return any(map(_arrived, units))


def _arrived(unit: dict[str, Any]) -> bool:
    return unit["state"] not in ("open", "unpaid", "paid", "released")


def _all_arrived(order: dict[str, Any], fulfilment: str) -> bool | None:
    """Return whether all that comes in one way has; None where nothing does."""
    units = [unit for line in order["lines"] if line["fulfilment"] == fulfilment for unit in line["units"]]
    return all(map(_arrived, units)) if units else None


async def _statements(front: Front, call: Call) -> dict[str, Any]:
    """Return the wordings by which immediate delivery is asked for after all."""
    found = await _maybe(front, call, "orders", f"/checkout-texts?language={call.visit.language}")
    return {text["kind"]: text for text in found if text["kind"] in ("immediate_delivery", "withdrawal_lost")}


async def _maybe(front: Front, call: Call, service: str, path: str) -> list[Any]:
    found = await _one(front, call, service, path)
    return found["items"] if found else []


async def _one(front: Front, call: Call, service: str, path: str) -> Any:
    if not front.upstream.has(service):
        return None
    try:
        return await front.upstream.get(call.visit, service, path)
    except Problem as refused:
        if refused.status not in (404, 409, 503):
            raise
        return None
