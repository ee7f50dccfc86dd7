"""Orders follow what other services publish: payments, deliveries, links and repayments."""

from collections.abc import Sequence
from datetime import datetime

from chassis.consuming import Message
from chassis.db import Tx
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.letters import EmailBounced, EmailSent
from contracts.mail_relay import ClaimDecided
from contracts.orders import Line, OrderPaid, RefundReason
from contracts.payments import PaymentAuthorized, PaymentCaptured, PaymentRefunded, RefundOrigin, TransferReceived
from contracts.wire import Attributes

from orders.domain.bank_days import BankDays
from orders.domain.order import Link, Order, OrderUnknown
from orders.domain.repayment import Repayment
from orders.domain.rules import Rules
from orders.domain.unit import owed
from orders.store import orders
from orders.store.orders import StoredOrder
from orders.usecases.changing import Change, conclude, record_refund

Followed = (
    PaymentAuthorized
    | PaymentCaptured
    | TransferReceived
    | PaymentRefunded
    | EmailSent
    | EmailBounced
    | DownloadGranted
    | DownloadExtended
    | ClaimDecided
)
# So long the provider may take to say whether a debit has come
# (https://docs.stripe.com/payments/sepa-debit: up to 14 business days).
DEBIT_BANK_DAYS = 14


async def follow(tx: Tx, messages: Sequence[Message[Followed]], rules: Rules) -> None:
    """Let each order follow the events about it, in their order, and save those that differ.

    Raises OrderUnknown and PaymentDiffers.
    """
    about = [message for message in messages if _concerns_orders(message.event)]
    stored = await orders.lock(tx, ((message.event.tenant, message.event.order) for message in about))
    current = {key: one.order for key, one in stored.items()}
    causes: dict[orders.Key, Attributes] = {}
    for message in about:
        event, key = message.event, (message.event.tenant, message.event.order)
        if key not in stored:
            if isinstance(event, DownloadGranted | DownloadExtended):
                continue
            raise OrderUnknown
        before, after = current[key], followed(current[key], event, message.sequence, rules.bank)
        await _publish(tx, stored[key], before, after, message)
        current[key] = await _give_back(tx, stored[key], after, message.cause)
        causes.setdefault(key, message.cause)
    await conclude(tx, [Change(stored[key], current[key], cause) for key, cause in causes.items()])


def followed(order: Order, event: Followed, sequence: int, bank: BankDays) -> Order:
    """Return what an order becomes by an event; raises PaymentDiffers."""
    match event:
        case PaymentAuthorized():
            at = event.authorized_at
            return order if at is None else order.awaiting(bank.end(at, DEBIT_BANK_DAYS))
        case PaymentCaptured():
            return order.paid_by(event.amount, event.currency, event.captured_at)
        case TransferReceived():
            return order.paid_in_part(event.units, event.currency, event.booked_at)
        case PaymentRefunded():
            return order.repaid(Repayment(event.repayment, event.amount, event.currency), event.refunded_at)
        case EmailSent():
            delivered = order.sent(event.units, event.sent_at)
            return delivered.confirmed({*map(str, event.consents or ())}, event.sent_at)
        case EmailBounced():
            return order.bounced(event.units, event.bounced_at)
        case ClaimDecided():
            return order.dated(event.units, "granted_at", event.decided_at)
        case DownloadGranted() | DownloadExtended():
            return order.linked(Link(event.line, event.valid_until, sequence))


def _concerns_orders(event: Followed) -> bool:
    match event:
        case PaymentRefunded():
            return event.origin is RefundOrigin.PROVIDER
        case EmailSent():
            return bool(event.units or event.consents)
        case EmailBounced():
            return bool(event.units)
        case ClaimDecided():
            return event.final and bool(event.units)
        case _:
            return True


async def _give_back(tx: Tx, stored: StoredOrder, order: Order, cause: Attributes) -> Order:
    """Refund what a claim was decided about for its buyer, whether that or the payment is known first (K9)."""
    units = owed(order.units)
    if not units:
        return order
    await record_refund(tx, stored.placed, tx.new_id(), units, RefundReason.DEFECT, "claim", tx.now, cause)
    return order.dated([unit.id for unit in units], "refunded_at", tx.now)


async def _publish(tx: Tx, stored: StoredOrder, before: Order, after: Order, message: Message[Followed]) -> None:
    """Publish which units are paid or refunded now; a refund that was known before the payment is paid silently."""
    pairs = list(zip(before.units, after.units, strict=True))
    paid = [new for old, new in pairs if old.paid_at is None and new.paid_at is not None and new.refunded_at is None]
    if paid and (at := paid[0].paid_at):
        covered = {unit.id for unit in paid}
        lines = [line.model_copy(update={"units": [u for u in line.units if u in covered]}) for line in stored.lines]
        tx.publish(_order_paid(stored, [line for line in lines if line.units], at), cause=message.cause)
    refunded = [new for old, new in pairs if old.refunded_at is None and new.refunded_at is not None]
    if refunded and isinstance(event := message.event, PaymentRefunded):
        reason, by, at = RefundReason.PROVIDER, "provider", event.refunded_at
        await record_refund(tx, stored.placed, event.repayment, refunded, reason, by, at, message.cause)


def _order_paid(stored: StoredOrder, lines: list[Line], at: datetime) -> OrderPaid:
    placed = stored.placed
    return OrderPaid(
        **placed.header,
        customer=placed.customer,
        organisation=placed.organisation,
        customer_type=placed.customer_type,
        language=placed.language,
        payment_method=placed.payment_method,
        paid_at=at,
        lines=lines,
        totals=placed.totals,
        keys=placed.keys,
        name_profile=placed.name_profile,
        email_profile=placed.email_profile,
        company_profile=placed.company_profile,
        name_contact=placed.name_contact,
        email_contact=placed.email_contact,
        consents=[consent for consent in stored.consents if consent not in placed.consents] or None,
    )
