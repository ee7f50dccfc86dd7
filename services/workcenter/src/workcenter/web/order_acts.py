"""What staff does about an order: cancel, ship, and what it reads of its customer with a purpose."""

from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from contracts.shipping import Carrier, TrackingMalformed, tracking_number
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from workcenter.web.cases import Why
from workcenter.web.desk import FORM, Desk, act, many, noted
from workcenter.web.orders import chain

routes = Routes()
Units = Annotated[list[UUID], Field(max_length=500, default_factory=list[UUID]), many]


class Ship(forms.Form):
    """Units that were posted, who carries them, and the number by which they are found.

    Where an order has one unit to post, that is meant: it is `only`, and needs no tick.
    """

    units: Units
    only: UUID | None = None
    carrier: Carrier | Literal[""] = ""
    tracking_number: Annotated[str, Field(max_length=60, repr=False)] = ""

    @property
    def body(self) -> dict[str, Any]:
        """What orders is sent."""
        units = [str(unit) for unit in self.units or ([self.only] if self.only else [])]
        return {"units": units, "carrier": self.carrier or None, "tracking_number": self.tracking_number or None}


class ShippingPurpose(forms.Form):
    """What the address is read for."""

    purpose: Literal["posting", "returned", "complaint"]


class BillingPurpose(forms.Form):
    """What the billing record is read for."""

    purpose: Literal["invoice", "correction", "dispute", "tax-audit"]


@routes.post("/orders/{order}/cancellation", takes=FORM, also={303: None})
async def cancel(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Cancel what is unpaid."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    here = f"/orders/{order}"
    return await act(desk.upstream.post(visit, "orders", f"{here}/cancellation"), here, "cancelled")


@routes.post("/orders/{order}/shipments", takes=FORM, also={303: None, 422: HTML})
async def ship(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Record that boxed units were posted."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Ship)).model
    here = f"/orders/{order}"
    if form is None or not form.body["units"]:
        return see(noted(here, "refused-no-units"))
    if form.tracking_number and not fits(form):
        typed = form.body | {"carrier": form.carrier, "tracking_number": form.tracking_number}
        facts = await chain(desk, visit, order) | {"shipping_as": typed}
        return desk.page(visit, "order.html", status=422, place=here, **facts, note="refused-tracking")
    return await act(desk.upstream.post(visit, "orders", f"{here}/shipments", form.body), here, "shipped")


@routes.post("/orders/{order}/buyer", takes=FORM, also={200: HTML})
async def buyer(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Show company and VAT id of who has bought; the reading is recorded."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    facts = await chain(desk, visit, order)
    facts["buyer"] = await desk.upstream.get(visit, "orders", f"/orders/{order}/buyer")
    return desk.page(visit, "order.html", place=f"/orders/{order}", **facts, note="")


@routes.post("/orders/{order}/shipping-address", takes=FORM, also={200: HTML, 303: None})
async def shipping_address(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Show where boxes go; the reading is recorded with its purpose."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, ShippingPurpose)).model
    if form is None:
        return see(noted(f"/orders/{order}", "refused-no-purpose"))
    facts = await chain(desk, visit, order)
    path = f"/orders/{order}/shipping-address"
    facts["shipping"] = await desk.upstream.get(visit, "orders", path, purpose=form.purpose)
    return desk.page(visit, "order.html", place=f"/orders/{order}", **facts, note="")


@routes.post("/orders/{order}/billing", takes=FORM, also={200: HTML, 303: None})
async def billing(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Show the billing record; the reading is recorded with its purpose."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, BillingPurpose)).model
    if form is None:
        return see(noted(f"/orders/{order}", "refused-no-purpose"))
    facts = await chain(desk, visit, order)
    path = f"/orders/{order}/billing"
    facts["billing"] = await desk.upstream.get(visit, "orders", path, purpose=form.purpose)
    return desk.page(visit, "order.html", place=f"/orders/{order}", **facts, note="")


@routes.post("/orders/{order}/messages", takes=FORM, also={200: HTML, 303: None})
async def messages(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Show what buyer and seller wrote about an order; the reading is recorded with its purpose, and published."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Why)).model
    facts = await chain(desk, visit, order)
    if form is None or not facts["conversation"].here:
        return see(noted(f"/orders/{order}", "refused-no-purpose"))
    path = f"/conversations/{facts['conversation'].facts['conversation']}/case"
    query = {"purpose": form.purpose, "cursor": form.cursor or None, "limit": 50}
    case = await desk.upstream.get(visit, "mail-relay", path, **query)
    facts |= {"texts": case["messages"], "purpose": form.purpose}
    return desk.page(visit, "order.html", place=f"/orders/{order}", **facts, note="")


@routes.post("/orders/{order}/name", takes=FORM, also={200: HTML})
async def name(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Show what the customer is called; the reading is recorded."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    facts = await chain(desk, visit, order)
    path = f"/customers/{facts['order']['customer']}/name"
    known = await desk.upstream.get(visit, "accounts", path)
    facts |= {"name": known["name"], "email": known["email"]}
    return desk.page(visit, "order.html", place=f"/orders/{order}", **facts, note="")


@routes.post("/orders/{order}/conversations/{conversation}/no-answer-needed", takes=FORM, also={303: None})
async def no_answer_needed(
    read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, conversation: UUID
) -> web.Response:
    """Say that what the buyer wrote needs no answer."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    work = desk.upstream.post(visit, "mail-relay", f"/conversations/{conversation}/no-answer-needed")
    return await act(work, f"/orders/{order}", "no-answer")


def fits(form: Ship) -> bool:
    """Return whether the number is one of its carrier."""
    try:
        return bool(form.carrier) and bool(tracking_number(Carrier(form.carrier), form.tracking_number))
    except TrackingMalformed:
        return False
