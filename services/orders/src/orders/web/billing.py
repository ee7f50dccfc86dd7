"""The billing record of an order, for bookkeeping only."""

from typing import Literal
from uuid import UUID

from chassis.db import Begin
from chassis.identity import Caller, KeyRings
from chassis.web import Routes
from contracts.event import Sealed

from orders.web import views
from orders.web.access import readable

routes = Routes()


@routes.get("/orders/{order}/billing", allow="bookkeeping")
async def billing(
    begin: Begin,
    caller: Caller,
    order: UUID,
    keys: KeyRings,
    purpose: Literal["invoice", "correction", "dispute", "tax-audit"],
) -> views.BillingView:
    """The billing record; bookkeeping only, and every reading is recorded with its purpose (ORD-13)."""
    async with begin() as tx:
        placed = (await readable(tx, caller, order)).placed
        tx.audit_reading("order", [order], "bookkeeping", purpose)
    boxes = [placed.billing_address_records, placed.company_records, placed.vat_id_records]
    boxes.append(placed.purchase_number_records)
    opened = await keys.ring("bookkeeping").unlock([box for box in boxes if box is not None])

    def text(box: Sealed | None) -> str | None:
        opened_text = opened.open(box) if box is not None else None
        return opened_text if isinstance(opened_text, str) else None

    return views.BillingView(
        order=order,
        number=placed.order_number,
        billing_address=views.parsed(text(placed.billing_address_records)),
        company=text(placed.company_records),
        vat_id=text(placed.vat_id_records),
        purchase_number=text(placed.purchase_number_records),
    )
