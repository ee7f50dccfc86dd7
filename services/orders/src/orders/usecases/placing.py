"""Placing an order: everything that is agreed is frozen into it."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.db import Tx
from chassis.identity import seal
from contracts.event import Sealed
from contracts.orders import OrderPlaced, PaymentMethod
from contracts.shared import Fulfilment

from orders.domain.limits import WINDOW, TooManyUnpaidOrders
from orders.domain.order import Order
from orders.domain.rules import ZONE, Rules
from orders.domain.taxation import COUNTRY
from orders.domain.unit import Unit
from orders.store import last_addresses, limits, orders, shipping
from orders.store.orders import StoredOrder
from orders.usecases.agreeing import Agreement, Checkout, agree


async def place_order(tx: Tx, checkout: Checkout, rules: Rules) -> StoredOrder:
    """Place an order with obligation to pay, with everything agreed frozen into it, and return it.

    Raises TooManyUnpaidOrders, and what `agree` raises.
    """
    since = tx.now - WINDOW
    oldest = await limits.unpaid_back_to(tx, checkout.tenant, checkout.customer_id, since, rules.unpaid_orders)
    if oldest is not None:
        raise TooManyUnpaidOrders(oldest, tx.now)
    agreed = await agree(tx, checkout, rules)
    pay_until = tx.now + rules.pay_within
    boxed = any(line.fulfilment is Fulfilment.BOXED for line in agreed.lines)
    posted_to = seal(checkout.shipping_address, checkout.claims.keys.contact, "shipping address") if boxed else None
    placed = _placed(tx, checkout, agreed, pay_until, posted_to)
    order = order_of(placed, agreed.units, agreed.withdrawal_end, rules)
    coupon_id = agreed.coupon.id if agreed.coupon else None
    new = StoredOrder(placed, order, tuple(agreed.lines), coupon_id, tuple(agreed.consents))
    stored = await orders.add(tx, new, f"K-{tx.now.astimezone(ZoneInfo(ZONE)).year}-")
    if posted_to is not None:
        await shipping.add(tx, checkout.tenant, placed.order, posted_to)
    last = seal(checkout.billing_address, checkout.claims.keys.profile, "address")
    await last_addresses.put(tx, checkout.tenant, checkout.customer_id, checkout.organisation_id, last)
    tx.publish(stored.placed)
    return stored


def order_of(placed: OrderPlaced, units: Sequence[Unit], withdrawal_end: datetime, rules: Rules) -> Order:
    """Return the order that begins with an event."""
    by_transfer = placed.payment_method is PaymentMethod.TRANSFER
    return Order(
        tenant=placed.tenant,
        id=placed.order,
        gross=placed.totals.gross,
        currency=placed.totals.currency,
        withdrawal_end=withdrawal_end,
        claim_window=rules.claim_window,
        # money that was booked in time is known only with the statement
        lapses_at=rules.bank.end(placed.pay_until, rules.statement_within) if by_transfer else placed.pay_until,
        units=tuple(units),
    )


def _placed(
    tx: Tx, checkout: Checkout, agreed: Agreement, pay_until: datetime, posted_to: Sealed | None
) -> OrderPlaced:
    """Return the event; the order's number is drawn when it is added."""

    def for_records(text: str | None, kind: str) -> Sealed | None:
        return None if text is None else seal(text, agreed.records, kind)

    return OrderPlaced(
        tenant=checkout.tenant,
        channel=checkout.channel,
        market=checkout.market,
        seller=agreed.seller,
        order=tx.new_id(),
        order_number="",
        ordered_at=tx.now,
        customer=checkout.customer_id,
        organisation=checkout.organisation_id,
        customer_type=checkout.customer_type,
        language=checkout.language,
        payment_method=checkout.payment_method,
        consents=agreed.consents,
        coupon=agreed.coupon.code if agreed.coupon else None,
        seller_details=agreed.legal,
        terms=agreed.terms,
        tax_country=COUNTRY,
        tax_evidence=agreed.tax_evidence,
        lines=agreed.lines,
        totals=agreed.totals,
        pay_until=pay_until,
        keys=checkout.claims.keys,
        name_profile=checkout.claims.name_profile,
        email_profile=checkout.claims.email_profile,
        company_profile=seal(checkout.company, checkout.claims.keys.profile, "company") if checkout.company else None,
        name_contact=checkout.claims.name_contact,
        email_contact=checkout.claims.email_contact,
        company_records=for_records(checkout.company, "company"),
        vat_id_records=for_records(checkout.vat_id, "vat_id"),
        purchase_number_records=for_records(checkout.purchase_number, "purchase_number"),
        billing_address_records=seal(checkout.billing_address, agreed.records, "address"),
        shipping_address_contact=posted_to,
    )
