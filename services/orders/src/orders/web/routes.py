"""The routes of orders."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import orjson
from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.identity.keyrings import KeyRings
from chassis.web import Listing, Page, Problem, Routes, not_found
from contracts.accounts import CustomerClaims
from contracts.event import Sealed
from contracts.orders import CancelReason

from orders.domain import offers, order, withdrawal
from orders.store import consents, listing, orders, refunds
from orders.usecases import delivering, paying, placing, refunding
from orders.web import bodies, views

CUSTOMER = "customer"
STAFF = ("sales", "support", "bookkeeping", "reviewer")
ERRORS: dict[type[Exception], int] = {
    offers.NotSellable: 422,
    offers.NotEligible: 422,
    offers.PriceChanged: 409,
    offers.CouponRefused: 422,
    withdrawal.ConsentIncomplete: 422,
    order.OrderUnknown: 404,
    order.NotRefundable: 409,
    order.RepaymentUnknown: 404,
    order.RepaymentExplained: 409,
    order.RepaymentDiffers: 409,
    order.NotCancellable: 409,
    order.NotShippable: 409,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list, newest first, as an opaque cursor."""

    at: datetime
    order: UUID

    def cursor(self) -> str:
        """The place as text."""
        return f"{self.at.timestamp():.6f}_{self.order}"

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        """The place of a cursor."""
        at, _, order_id = cursor.partition("_")
        try:
            return cls(datetime.fromtimestamp(float(at)).astimezone(), UUID(order_id))
        except (ValueError, OverflowError, OSError):
            raise Problem(400, "bad-cursor", "Take the cursor from the list's `next`.") from None


def routes(rules: placing.Rules, claim_window: timedelta, keys: KeyRings) -> Routes:
    """What orders answers."""
    routes = Routes(ERRORS)

    @routes.get("/checkout-texts")
    async def checkout_texts(tx: Tx, language: Literal["de", "en"] = "de") -> views.TextsView:
        """The wordings to be shown at the checkout, and their versions."""
        current = await consents.current(tx, language)
        texts = [views.TextView(kind=kind, version=version, text=text) for kind, (version, text) in current.items()]
        return views.TextsView(language=language, texts=texts)

    @routes.get("/orders/{order_id}", allow=(CUSTOMER, *STAFF))
    async def view_order(tx: Tx, caller: Caller, order_id: UUID) -> views.OrderView:
        """An order: the customer's own, or any of the tenant for its staff."""
        return views.order_view(await _readable(tx, caller, order_id))

    @routes.post("/orders", allow=CUSTOMER, creates=view_order)
    async def place_order(tx: Tx, caller: Caller, body: bodies.PlaceOrder) -> UUID:
        """Order with obligation to pay."""
        return await placing.place_order(tx, _checkout(caller, body), rules)

    @routes.get("/orders", allow=(CUSTOMER, *STAFF))
    async def list_orders(
        tx: Tx, caller: Caller, page: Page, state: str | None = None, customer: UUID | None = None
    ) -> Listing[views.OrderSummary]:
        """Orders, newest first: all of the tenant for staff, their own for customers (E16)."""
        owner = UUID(caller.subject) if CUSTOMER in caller.roles else customer
        after = Place.parse(page.cursor) if page.cursor else None
        rows = await listing.newest(
            tx, caller.tenant, owner, state, (after.at, after.order) if after else None, page.limit + 1
        )
        items = [views.OrderSummary.model_validate(row) for row in rows[: page.limit]]
        more = len(rows) > page.limit
        return Listing(items=items, next=Place(items[-1].ordered_at, items[-1].order_id).cursor() if more else None)

    @routes.post("/orders/{order_id}/consents", allow=CUSTOMER)
    async def consent_later(tx: Tx, caller: Caller, order_id: UUID, body: bodies.GiveConsents) -> views.OrderView:
        """Ask for immediate delivery after all, with both statements."""
        given = [(said.kind, said.version) for said in body.consents]
        await delivering.consent_later(tx, caller.tenant, UUID(caller.subject), order_id, given)
        return await view_order(tx, caller, order_id)

    @routes.post("/orders/{order_id}/cancellation", allow=(CUSTOMER, "sales"))
    async def cancel(tx: Tx, caller: Caller, order_id: UUID) -> views.OrderView:
        """Cancel what is unpaid of an order; units that are paid stay as they are."""
        await _readable(tx, caller, order_id)
        reason = CancelReason.CUSTOMER if CUSTOMER in caller.roles else CancelReason.STAFF
        await paying.cancel_order(tx, caller.tenant, order_id, reason, claim_window)
        return await view_order(tx, caller, order_id)

    @routes.post("/orders/{order_id}/shipments", allow="sales")
    async def ship(tx: Tx, caller: Caller, order_id: UUID, body: bodies.ShipUnits) -> views.OrderView:
        """Record that boxed units were posted."""
        await delivering.ship(tx, caller.tenant, order_id, body.units, claim_window)
        return await view_order(tx, caller, order_id)

    @routes.get("/orders/{order_id}/refunds/{refund}", allow=(CUSTOMER, *STAFF))
    async def view_refund(tx: Tx, caller: Caller, order_id: UUID, refund: UUID) -> views.RefundView:
        """A refund as decided."""
        await _readable(tx, caller, order_id)
        found = await refunds.find(tx, caller.tenant, order_id, refund)
        if found is None:
            raise not_found()
        return views.RefundView.model_validate(found)

    @routes.post("/orders/{order_id}/refunds", allow="sales", creates=view_refund)
    async def refund_units(tx: Tx, caller: Caller, order_id: UUID, body: bodies.RefundUnits) -> dict[str, UUID]:
        """Take paid units back: links and keys end at once, the money follows.

        With `repayment`, one of the unexplained refunds, say which units it was for: it must be of this order and
        exactly what these units cost, and no money goes out again.
        """
        tenant, by = caller.tenant, caller.subject
        if body.repayment is not None:
            refund = await refunding.explain_repayment(
                tx, tenant, order_id, body.units, body.repayment, by, claim_window
            )
        else:
            refund = await refunding.refund_units(tx, tenant, order_id, body.units, body.reason, by, claim_window)
        return {"order_id": order_id, "refund": refund}

    @routes.get("/unexplained-refunds", allow=("sales", "bookkeeping"))
    async def unexplained_refunds(tx: Tx, caller: Caller) -> views.UnexplainedView:
        """What providers paid back without it being clear for which units; a refund may name them."""
        return views.UnexplainedView(items=await refunds.unexplained(tx, caller.tenant))

    @routes.get("/orders/{order_id}/billing", allow="bookkeeping")
    async def billing(begin: Begin, caller: Caller, order_id: UUID) -> views.BillingView:
        """The billing record; bookkeeping only, and every reading is recorded (ORD-13)."""
        async with begin() as tx:
            placed = (await _readable(tx, caller, order_id)).placed
            await listing.log_reading(tx, caller.tenant, order_id, caller.subject, "bookkeeping")
        boxes = [placed.billing_address_records, placed.company_records, placed.vat_id_records]
        boxes.append(placed.purchase_number_records)
        opened = await keys.ring("bookkeeping").unlock([box for box in boxes if box is not None])

        def text(box: Sealed | None) -> str | None:
            opened_text = opened.open(box) if box is not None else None
            return opened_text if isinstance(opened_text, str) else None

        address = text(placed.billing_address_records)
        return views.BillingView(
            order=order_id,
            number=placed.order_number,
            billing_address=orjson.loads(address) if address else None,
            company=text(placed.company_records),
            vat_id=text(placed.vat_id_records),
            purchase_number=text(placed.purchase_number_records),
        )

    return routes


async def _readable(tx: Tx, caller: Caller, order_id: UUID) -> orders.Order:
    """The order, if it is the caller's to read; another's is not there (F-P28)."""
    found = await orders.find(tx, caller.tenant, order_id)
    if found is None or (CUSTOMER in caller.roles and str(found.placed.customer) != caller.subject):
        raise order.OrderUnknown
    return found


def _checkout(caller: Caller, body: bodies.PlaceOrder) -> placing.Checkout:
    return placing.Checkout(
        tenant=caller.tenant,
        customer=UUID(caller.subject),
        claims=CustomerClaims.model_validate(caller.claims),
        channel=body.channel,
        market=body.billing_address.country,
        customer_type=body.customer_type,
        language=body.language,
        currency=body.currency,
        payment_method=body.payment_method,
        wishes=[placing.Wish(line.sku, line.quantity, line.price) for line in body.lines],
        consents=[(said.kind, said.version) for said in body.consents],
        billing_address=body.billing_address.model_dump_json(),
        company=body.company,
        vat_id=body.vat_id,
        purchase_number=body.purchase_number,
        coupon=body.coupon,
    )
