"""What orders says, as far as it concerns money."""

from chassis.db import Tx
from contracts.orders import OrderCancelled, OrderPlaced, OrderRefunded, PaymentMethod, RefundReason

from payments.domain.ledger import Ledger
from payments.domain.orders import Order, Unit, shares
from payments.domain.refunds import Refund, RefundState
from payments.store import ledgers, notices, orders, payments, refunds
from payments.usecases import references
from payments.usecases.settling import conclude
from payments.usecases.telling import apply


async def expect_payment(tx: Tx, placed: OrderPlaced) -> None:
    """Money is expected for an order; what the provider told of it before takes effect now (F-P07)."""
    order = Order(
        tenant=placed.tenant,
        order=placed.order,
        number=placed.order_number,
        customer=placed.customer,
        channel=placed.channel,
        market=placed.market,
        seller=placed.seller,
        payment_method=placed.payment_method,
        currency=placed.totals.currency,
        gross=placed.totals.gross,
        ordered_at=placed.ordered_at,
        pay_until=placed.pay_until,
        reference=await _reference(tx, placed),
        requested_at=None,
        traceparent=tx.cause.traceparent if tx.cause is not None else None,
        cancelled=frozenset(),
        units=tuple(
            Unit(unit, gross)
            for line in placed.lines
            for unit, gross in zip(line.units, shares(line.gross, len(line.units)), strict=True)
        ),
    )
    if await orders.expect(tx, order):
        await conclude(tx, Ledger(order))
        return
    for notice in await notices.take_of_order(tx, placed.tenant, placed.order):
        await apply(tx, notice)
    await conclude(tx, await ledgers.load(tx, placed.tenant, placed.order))


async def expect_no_payment(tx: Tx, cancelled: OrderCancelled) -> None:
    """These units will not be paid: open checkouts are closed, and money that comes all the same waits for staff."""
    await orders.lock(tx, cancelled.tenant, [cancelled.order])
    orders.cancel(tx, cancelled.tenant, cancelled.order, cancelled.units)
    ledger = await ledgers.load(tx, cancelled.tenant, cancelled.order)
    tried = ledger.payments if ledger is not None else ()
    if under_way := [payment.payment for payment in tried if not payment.decided]:
        payments.ask(tx, cancelled.tenant, under_way)
        tx.wake("ask about payments")
    await conclude(tx, ledger)


async def owe_refund(tx: Tx, refunded: OrderRefunded) -> None:
    """Money goes back; a refund heard of before its payment waits for it (F-P09)."""
    if refunded.reason is RefundReason.PROVIDER:
        return
    await orders.lock(tx, refunded.tenant, [refunded.order])
    refund = Refund(
        refund=refunded.refund,
        order=refunded.order,
        amount=refunded.amount,
        currency=refunded.currency,
        state=RefundState.WAITING if tx.effects else RefundState.SKIPPED,
        payment=None,
        traceparent=tx.cause.traceparent if tx.cause is not None else None,
    )
    refunds.add(tx, refunded.tenant, refund)
    await conclude(tx, await ledgers.load(tx, refunded.tenant, refunded.order))


async def request_transfers(tx: Tx) -> bool:
    """Ask for the transfers that waited for the seller's account; true where there may be more."""
    waiting = await orders.unrequested(tx)
    for tenant, order in waiting:
        await conclude(tx, await ledgers.load(tx, tenant, order))
    return bool(waiting)


async def _reference(tx: Tx, placed: OrderPlaced) -> str | None:
    if placed.payment_method is not PaymentMethod.TRANSFER:
        return None
    reference = references.reference_of(placed.order_number, placed.order)
    taken = await orders.referred(tx, placed.tenant, [reference])
    is_free = taken.get(reference, placed.order) == placed.order
    return reference if is_free else references.reference_of_id(placed.order)
