"""Who bought: the company, its VAT id and its own number, as they were given at the checkout."""

from uuid import UUID

from chassis.db import Begin
from chassis.identity import Caller, KeyRings
from chassis.web import Routes
from contracts.event import Sealed

from orders.store import shipping
from orders.web import views
from orders.web.access import CUSTOMER, readable
from orders.web.shipping import SHIPPING

BUYER = "buyer"

routes = Routes()


@routes.get("/orders/{order}/buyer", allow=(CUSTOMER, "sales", "support", "bookkeeping"))
async def buyer(begin: Begin, caller: Caller, order: UUID, keys: KeyRings) -> views.BuyerView:
    """What was given at the checkout of who buys; a reading by staff is recorded.

    Whoever has ordered sees where invoice and boxes go, too; an organisation's owners and auditors do not.
    """
    async with begin() as tx:
        placed = (await readable(tx, caller, order)).placed
        own = str(placed.customer) == caller.subject and CUSTOMER in caller.roles
        posted_to = await shipping.find(tx, caller.tenant, order) if own else None
        if CUSTOMER not in caller.roles:
            tx.audit_reading("order", [order], BUYER)
    billed_to = placed.billing_address_records if own else None
    boxes = [placed.company_records, placed.vat_id_records, placed.purchase_number_records, billed_to]
    records = await keys.ring(BUYER).unlock([box for box in boxes if box is not None])
    contact = await keys.ring(SHIPPING).unlock([posted_to] if posted_to else [])

    def text(box: Sealed | None) -> str | None:
        opened = records.open(box) if box is not None else None
        return opened if isinstance(opened, str) else None

    return views.BuyerView(
        order=order,
        company=text(placed.company_records),
        vat_id=text(placed.vat_id_records),
        purchase_number=text(placed.purchase_number_records),
        billing_address=views.parsed(text(billed_to)),
        shipping_address=views.parsed(contact.open(posted_to)) if posted_to else None,
    )
