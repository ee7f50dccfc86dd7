"""Paying by bank transfer."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity.tokens import Caller
from chassis.web import Routes

from payments.domain.orders import NotByTransfer
from payments.store import sellers
from payments.usecases import checkout
from payments.web import views
from payments.web.card import CUSTOMER, STAFF, not_yet


def add(routes: Routes) -> None:
    """The routes of transfers."""

    @routes.get("/orders/{order_id}/transfer", allow=(CUSTOMER, *STAFF))
    async def view_transfer(tx: Tx, caller: Caller, order_id: UUID) -> views.TransferView:
        """How to transfer; 202 with Retry-After while the order or the seller's account is not known here yet."""
        customer = UUID(caller.subject) if CUSTOMER in caller.roles else None
        order = await checkout.readable(tx, caller.tenant, order_id, customer)
        if order is None:
            raise not_yet()
        if order.reference is None:
            raise NotByTransfer
        account = await sellers.find(tx, caller.tenant, order.seller)
        if account is None:
            raise not_yet()
        return views.transfer_view(order, account, order.reference)
