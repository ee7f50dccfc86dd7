"""What of an order is shown only when somebody asks for it: each reading is recorded, and some have a purpose."""

from typing import Any, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.sealed import Sealed
from pages.site import HTML, see
from pages.visit import Visit

from pages import forms
from workcenter.web.cases import Why
from workcenter.web.desk import FORM, Desk, noted
from workcenter.web.orders import chain
from workcenter.web.reading import asked_at, name_of, opened_here, read_at

routes = Routes()
Shipping = Literal["posting", "returned", "complaint"]
Billing = Literal["invoice", "correction", "dispute", "tax-audit"]


@routes.get("/orders/{order}/name", also={200: HTML, 303: None})
async def name(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Show what the customer is called, or that they are erased; the reading is recorded."""
    visit = await _asked(read, begin, request, desk, order)
    facts = await chain(desk, visit, order)
    known = await name_of(desk, visit, facts["order"]["customer"])
    if known.here:
        facts |= {"name": known.facts["name"], "email": known.facts["email"]}
    return _page(desk, visit, order, facts | {"erased": not known.here})


@routes.get("/orders/{order}/buyer", also={200: HTML, 303: None})
async def buyer(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Show company and VAT id of who has bought; the reading is recorded."""
    visit = await _asked(read, begin, request, desk, order)
    facts = await chain(desk, visit, order)
    facts["buyer"] = await desk.upstream.get(visit, "orders", f"/orders/{order}/buyer")
    return _page(desk, visit, order, facts)


@routes.get("/orders/{order}/shipping-address", also={200: HTML, 303: None})
async def shipping_address(
    read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, purpose: Shipping | None = None
) -> web.Response:
    """Show where boxes go; the reading is recorded with its purpose."""
    visit = await _asked(read, begin, request, desk, order)
    if purpose is None:
        return see(noted(f"/orders/{order}", "refused-no-purpose"))
    facts = await chain(desk, visit, order)
    path = f"/orders/{order}/shipping-address"
    facts["shipping"] = await desk.upstream.get(visit, "orders", path, purpose=purpose)
    return _page(desk, visit, order, facts)


@routes.get("/orders/{order}/billing", also={200: HTML, 303: None})
async def billing(
    read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, purpose: Billing | None = None
) -> web.Response:
    """Show the billing record; the reading is recorded with its purpose."""
    visit = await _asked(read, begin, request, desk, order)
    if purpose is None:
        return see(noted(f"/orders/{order}", "refused-no-purpose"))
    facts = await chain(desk, visit, order)
    path = f"/orders/{order}/billing"
    facts["billing"] = await desk.upstream.get(visit, "orders", path, purpose=purpose)
    return _page(desk, visit, order, facts)


@routes.post("/orders/{order}/messages", takes=FORM, also={303: None})
async def ask_for_messages(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Lead to what buyer and seller wrote, for the purpose that was typed."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Why)).model
    if form is None:
        return see(noted(f"/orders/{order}", "refused-no-purpose"))
    return read_at(visit, f"/orders/{order}/messages", **form.model_dump())


@routes.get("/orders/{order}/messages", also={200: HTML, 303: None})
async def messages(
    read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, asked: Sealed = ""
) -> web.Response:
    """Show what buyer and seller wrote about an order; the reading is recorded with its purpose, and published."""
    visit = await _asked(read, begin, request, desk, order)
    form = asked_at(visit, f"/orders/{order}/messages", asked)
    facts = await chain(desk, visit, order)
    if form is None or not facts["conversation"].here:
        return see(noted(f"/orders/{order}", "refused-no-purpose"))
    path = f"/conversations/{facts['conversation'].facts['conversation']}/case"
    query = {"purpose": form["purpose"], "cursor": form["cursor"] or None, "limit": 50}
    case = await desk.upstream.get(visit, "mail-relay", path, **query)
    return _page(desk, visit, order, facts | {"texts": case["messages"], "purpose": form["purpose"]})


async def _asked(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> Visit:
    visit = await desk.receive(read, begin, request)
    opened_here(request, f"/orders/{order}")
    return visit


def _page(desk: Desk, visit: Visit, order: UUID, facts: dict[str, Any]) -> web.Response:
    return desk.page(visit, "order.html", place=f"/orders/{order}", **facts, note="")
