"""Paying by bank transfer."""

from functools import partial
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Problem, Routes
from contracts.organisations import looker

from payments.domain.orders import NotByTransfer
from payments.store import review, sellers
from payments.usecases import paying
from payments.web import views
from payments.web.card import CUSTOMER, STAFF, not_yet

routes = Routes()


@routes.get("/orders/{order}/transfer", allow=(CUSTOMER, *STAFF), also={202: Problem})
async def view_transfer(read: Read, caller: Caller, order: UUID) -> views.TransferView:
    """How to transfer; 202 with Retry-After while the order or the seller's account is not known here yet.

    Customers see it for their own orders, owners and auditors who act for an organisation for all of it.
    """
    by = looker(caller.subject, caller.claims) if CUSTOMER in caller.roles else None
    found = await paying.arrived(read, caller.tenant, order, partial(paying.readable, read, caller.tenant, order, by))
    if found is None:
        raise not_yet()
    if found.reference is None:
        raise NotByTransfer
    account = await sellers.find(read, caller.tenant, found.seller_id)
    if account is None:
        raise not_yet()
    received = await review.received(read, caller.tenant, order, found.currency)
    return views.transfer_view(found, account, found.reference, received)
