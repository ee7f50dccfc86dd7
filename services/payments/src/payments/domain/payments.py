"""A card payment; its state follows from the facts known of it, in whatever order they came."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from payments.domain.orders import Order


class ProviderAway(ConnectionError):
    """The payment provider cannot be reached at the moment; try again."""


class ProviderRefuses(Exception):
    """The payment provider does not accept this payment."""


class PaymentUnknown(Exception):
    """There is no such payment."""


class SavedCardUnknown(Exception):
    """There is no such saved card."""


class State(StrEnum):
    """The states, from weak to strong: no later fact takes a payment back to an earlier one."""

    OPENING = "opening"
    OPEN = "open"
    AUTHORIZED = "authorized"
    EXPIRED = "expired"
    FAILED = "failed"
    CAPTURED = "captured"


class Reason(StrEnum):
    """Why a human has to look at money."""

    AMOUNT_DIFFERS = "amount_differs"
    ORDER_CANCELLED = "order_cancelled"
    PAID_TWICE = "paid_twice"
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    NO_REFERENCE = "no_reference"
    UNKNOWN_REFERENCE = "unknown_reference"
    AMBIGUOUS_REFERENCE = "ambiguous_reference"
    OTHER_ACCOUNT = "other_account"
    BOOKED_BEFORE = "booked_before"
    REVERSAL = "reversal"
    CREDIT_REVERSED = "credit_reversed"
    RETURNED_PAYOUT = "returned_payout"
    NOT_ITEMISED = "not_itemised"
    UNREADABLE = "unreadable"
    RECORDS_KEY_MISSING = "records_key_missing"
    REFUND_EXCEEDS = "refund_exceeds"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    DISPUTE_LOST = "dispute_lost"


@dataclass(frozen=True, slots=True)
class Payment:
    """One checkout at the provider for one order; only ids of it are kept here (PAY-1).

    `saves_card` is false where it is known that no card is saved by it, `published_at` is when PaymentCaptured was
    published.
    """

    tenant: str
    id: UUID
    order_id: UUID
    amount: int
    currency: str
    session_id: str | None = None
    url: str | None = None
    intent_id: str | None = None
    authorized_at: datetime | None = None
    declined_at: datetime | None = None
    failed_at: datetime | None = None
    expired_at: datetime | None = None
    captured_at: datetime | None = None
    captured_amount: int | None = None
    captured_currency: str | None = None
    published_at: datetime | None = None
    saves_card: bool = True

    @property
    def state(self) -> State:
        """The strongest of what is known (F-P08)."""
        if self.captured_at is not None:
            return State.CAPTURED
        if self.failed_at is not None:
            return State.FAILED
        if self.expired_at is not None:
            return State.EXPIRED
        if self.authorized_at is not None:
            return State.AUTHORIZED
        return State.OPEN if self.session_id is not None else State.OPENING

    @property
    def declined_last(self) -> bool:
        """Whether its latest attempt is known to be declined: a promise after a declined card is another one."""
        return self.declined_at is not None and (self.authorized_at is None or self.declined_at > self.authorized_at)

    @property
    def decided(self) -> bool:
        """Whether it is certain that the customer has paid by it, or does not."""
        return self.state in (State.CAPTURED, State.FAILED, State.EXPIRED)


def objection(order: Order, payment: Payment, *, paid_otherwise: bool) -> Reason | None:
    """Return why captured money does not pay the order, or None where it does (F-P10)."""
    if (payment.captured_amount, payment.captured_currency) != (order.gross, order.currency):
        return Reason.AMOUNT_DIFFERS
    if order.lapsed:
        return Reason.ORDER_CANCELLED
    return Reason.PAID_TWICE if paid_otherwise else None
