"""The routes of refunds."""

from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Routes, not_found

from orders.store import refunds
from orders.usecases import refunding
from orders.web import bodies, views
from orders.web.access import READERS, readable

routes = Routes()


@routes.get("/orders/{order}/refunds", allow=READERS)
async def view_refunds(read: Read, caller: Caller, order: UUID) -> Listing[views.RefundView]:
    """What was taken back of an order, why and when, the oldest first."""
    await readable(read, caller, order)
    found = await refunds.of_order(read, caller.tenant, order)
    return Listing(items=[views.RefundView.model_validate(row) for row in found])


@routes.get("/orders/{order}/refunds/{refund}", allow=READERS)
async def view_refund(read: Read, caller: Caller, order: UUID, refund: UUID) -> views.RefundView:
    """A refund as decided."""
    await readable(read, caller, order)
    found = await refunds.find(read, caller.tenant, order, refund)
    if found is None:
        raise not_found()
    return views.RefundView.model_validate(found)


@routes.post("/orders/{order}/refunds", allow="sales", creates=view_refund)
async def refund_units(tx: Tx, caller: Caller, order: UUID, body: bodies.RefundUnits) -> dict[str, UUID]:
    """Take paid units back: links and keys end at once, the money follows.

    With `repayment`, one of the unexplained refunds, say which units it was for: it must be of this order and
    exactly what these units cost, and no money goes out again.
    """
    tenant, by = caller.tenant, caller.subject
    if body.repayment is not None:
        refund = await refunding.explain_repayment(tx, tenant, order, body.units, body.repayment, by)
    else:
        refund = await refunding.refund_units(tx, tenant, order, body.units, body.reason, by)
    return {"order": order, "refund": refund}


@routes.get("/unexplained-refunds", allow=("sales", "bookkeeping"))
async def unexplained_refunds(read: Read, caller: Caller) -> Listing[views.UnexplainedRefund]:
    """What providers paid back without it being clear for which units; a refund may name them."""
    found = await refunds.unexplained(read, caller.tenant)
    return Listing(items=[views.UnexplainedRefund.model_validate(row) for row in found])
