"""Paying an order by card, on the provider's page: a card number is typed nowhere here."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from storefront.web.front import Call, Front

routes = Routes()


@routes.get("/orders/{order}/payment/{payment}", also={200: HTML, 303: None})
async def payment(
    read: Read, begin: Begin, request: web.Request, front: Front, order: UUID, payment: UUID
) -> web.Response:
    """The way to the provider's page.

    A page in between, for a form may not lead to another site (CSP, `form-action`).
    """
    call = await front.customer(read, begin, request)
    found: dict[str, Any] = await front.upstream.get(call.visit, "payments", f"/payments/{payment}")
    address: str | None = found["url"]
    if address is None:
        return see(f"/orders/{order}")
    response = front.page(call, "payment.html", order=order, payment=found, provider=urlsplit(address).hostname)
    response.headers["Refresh"] = f"0; url={address}"
    return response


@routes.post("/orders/{order}/payment", takes=(forms.FORM,), also={303: None})
async def pay(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.Response:
    """Open the provider's page for an order that is not paid yet."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    opened = await open_payment(front, call, str(order))
    return see(f"/orders/{order}/payment/{opened}" if opened else f"/orders/{order}")


async def open_payment(front: Front, call: Call, order: str) -> str | None:
    """Open a payment, or find the open one; None where payments does not know the order yet or is away."""
    back = f"{call.origin}/orders/{order}"
    body = {"order": order, "success_url": back, "cancel_url": back}
    try:
        found = await front.upstream.post(call.visit, "payments", "/payments", body, key=f"card-{order}")
    except Problem as refused:
        if refused.kind == "foreign-address" or refused.status not in (409, 503):
            raise
        return None
    return None if found is None or found.get("pending") else found["payment"]
