"""What follows for money from the events of orders."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from chassis.jobs import in_parts
from chassis.telemetry import current_traceparent
from contracts.orders import OrderCancelled, OrderPlaced, OrderRefunded, PaymentMethod, RefundReason

from payments.domain import references
from payments.domain.ledger import Ledger
from payments.domain.orders import Order, Unit, shares
from payments.domain.refunds import Refund, RefundState
from payments.store import ledgers, notices, orders, refunds
from payments.usecases.checkouts import close_checkouts
from payments.usecases.notices import apply
from payments.usecases.settling import conclude


async def expect_payment(tx: Tx, placed: OrderPlaced) -> None:
    """Expect money for an order; what the provider has sent about it before takes effect now (F-P07)."""
    by_transfer = placed.payment_method is PaymentMethod.TRANSFER
    placed_order = Order(
        tenant=placed.tenant,
        id=placed.order,
        number=placed.order_number,
        customer_id=placed.customer,
        organisation_id=placed.organisation,
        language=placed.language,
        channel=placed.channel,
        market=placed.market,
        seller_id=placed.seller,
        payment_method=placed.payment_method,
        currency=placed.totals.currency,
        gross=placed.totals.gross,
        ordered_at=placed.ordered_at,
        pay_until=placed.pay_until,
        reference=references.reference_of(placed.order_number, placed.order) if by_transfer else None,
        requested_at=None,
        traceparent=current_traceparent(),
        cancelled_units=frozenset(),
        units=tuple(
            Unit(unit, gross)
            for line in placed.lines
            for unit, gross in zip(line.units, shares(line.gross, len(line.units)), strict=True)
        ),
    )
    order = await orders.expect(tx, placed_order, references.reference_of_id(placed.order))
    if order is not None:
        await conclude(tx, Ledger(order, stored_units=order.units))
        return
    for notice in await notices.take_of_order(tx, placed.tenant, placed.order):
        await apply(tx, notice)
    await conclude(tx, await ledgers.load(tx, placed.tenant, placed.order))


async def expect_no_payment(tx: Tx, cancelled: OrderCancelled) -> None:
    """Expect no money for these units: open checkouts are closed, and money that comes all the same waits for staff."""
    await orders.lock(tx, cancelled.tenant, [cancelled.order])
    await orders.cancel(tx, cancelled.tenant, cancelled.order, cancelled.units)
    ledger = await ledgers.load(tx, cancelled.tenant, cancelled.order)
    if ledger is not None:
        await close_checkouts(tx, ledger)
    await conclude(tx, ledger)


async def owe_refund(tx: Tx, refunded: OrderRefunded) -> None:
    """Owe a refund; one that comes before its payment waits for it (F-P09)."""
    if refunded.reason is RefundReason.PROVIDER:
        return
    await orders.lock(tx, refunded.tenant, [refunded.order])
    refund = Refund(
        id=refunded.refund,
        order_id=refunded.order,
        amount=refunded.amount,
        currency=refunded.currency,
        state=RefundState.WAITING if tx.effects else RefundState.SKIPPED,
        payment_id=None,
        traceparent=current_traceparent(),
    )
    await refunds.add(tx, refunded.tenant, refund, [one.unit for one in refunded.units])
    await conclude(tx, await ledgers.load(tx, refunded.tenant, refunded.order))


async def request_transfers(tx: Tx) -> bool:
    """Ask for the transfers that waited for the seller's account; true where there may be more."""

    async def request(some: Sequence[tuple[str, UUID]]) -> None:
        for tenant, order_id in some:
            await conclude(tx, await ledgers.load(tx, tenant, order_id))

    return await in_parts(tx, "request transfers", await orders.unrequested(tx), request, tuple) > 0
