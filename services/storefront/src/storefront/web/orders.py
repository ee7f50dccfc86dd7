"""One order: right after it was placed, and ever after. It shows by itself what arrives."""

import asyncio
from functools import partial
from typing import Any, Final
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from storefront.web.following import EVENTS, Pace, follow
from storefront.web.front import Call, Front

routes = Routes()
# a letter is shown within 300 ms; whoever waits for a bank's transfer needs no such haste
PACE: Final = Pace(quick_seconds=0.15, slow_seconds=2.0, quick_looks=150, most_looks=430)
ENDED: Final = frozenset({"closed", "cancelled", "refunded"})


@routes.get("/orders/{order}", also={200: HTML})
async def view(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.Response:
    """An order with its payment, downloads and keys."""
    call = await front.customer(read, begin, request)
    return front.page(call, "order.html", **await _facts(front, call, order))


@routes.get("/orders/{order}/events", also={200: EVENTS})
async def events(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.StreamResponse:
    """What arrives for an order, as it arrives: the same piece of page each time, as server-sent events (HTML, 9.2)."""
    call = await front.customer(read, begin, request)
    return await follow(front, call, request, "progress.html", PACE, partial(_facts, front, call, order))


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


async def _facts(front: Front, call: Call, order: UUID) -> dict[str, Any]:
    """Return all that is known of an order; what a service cannot say at the moment is left out, not refused."""
    found, grants, keys = await asyncio.gather(
        front.upstream.get(call.visit, "orders", f"/orders/{order}"),
        _maybe(front, call, "delivery", "/me/grants"),
        _maybe(front, call, "licensing", f"/orders/{order}/licenses"),
    )
    transfer = None
    if found["payment_method"] == "transfer" and found["state"] in ("open", "unpaid", "partially_paid"):
        transfer = await _one(front, call, "payments", f"/orders/{order}/transfer")
    units = [unit for line in found["lines"] for unit in line["units"]]
    delivered = bool(units) and all(unit["state"] not in ("open", "unpaid", "paid", "released") for unit in units)
    waiting = any(line["deliver_from"] for line in found["lines"])
    return {
        "order": found,
        "own": found["customer"] == call.session.subject,
        "units": units,
        "grants": [grant for grant in grants if grant["order"] == str(order)],
        "keys": keys,
        "transfer": None if transfer and transfer.get("pending") else transfer,
        "delivered": delivered,
        "waiting": waiting,
        "done": delivered or found["state"] in ENDED,
    }


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
