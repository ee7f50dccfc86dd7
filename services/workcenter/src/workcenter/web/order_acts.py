"""What staff does about an order: cancel it, ship it, settle what its buyer wrote."""

from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from contracts.shipping import Carrier, TrackingMalformed, tracking_number
from pages.site import HTML, see
from pydantic import Field

from pages import forms
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
