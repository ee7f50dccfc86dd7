"""Paying by bank transfer."""

from functools import partial
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Problem, Routes

from payments.domain.orders import NotByTransfer
from payments.store import sellers
from payments.usecases import paying
from payments.web import views
from payments.web.card import CUSTOMER, STAFF, not_yet

routes = Routes()


@routes.get("/orders/{order_id}/transfer", allow=(CUSTOMER, *STAFF), also={202: Problem})
async def view_transfer(read: Read, caller: Caller, order_id: UUID) -> views.TransferView:
    """How to transfer; 202 with Retry-After while the order or the seller's account is not known here yet."""
    customer_id = UUID(caller.subject) if CUSTOMER in caller.roles else None
    order = await paying.arrived(order_id, partial(paying.readable, read, caller.tenant, order_id, customer_id))
    if order is None:
        raise not_yet()
    if order.reference is None:
        raise NotByTransfer
    account = await sellers.find(read, caller.tenant, order.seller_id)
    if account is None:
        raise not_yet()
    return views.transfer_view(order, account, order.reference)
