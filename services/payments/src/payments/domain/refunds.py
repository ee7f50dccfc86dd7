"""Money that goes back: never more than came in (F-P18)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from payments.domain.provider import RefundStatus


class RefundUnknown(Exception):
    """There is no such refund to pay out."""


class RefundState(StrEnum):
    """The states: `waiting` for the money, `due` at the provider, `asked` for and not confirmed, `payout` by staff."""

    WAITING = "waiting"
    DUE = "due"
    ASKED = "asked"
    PAYOUT = "payout"
    REFUSED = "refused"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that the seller has decided to give back."""

    id: UUID
    order_id: UUID
    amount: int
    currency: str
    state: RefundState
    payment_id: UUID | None
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Repayment:
    """A refund that the provider knows; `published_at` is when PaymentRefunded was published."""

    id: UUID
    provider_refund_id: str
    payment_id: UUID
    refund_id: UUID | None
    amount: int
    currency: str
    status: RefundStatus
    published_at: datetime | None


def allowed(amount: int, currency: str, received: int, received_currency: str, taken: int) -> bool:
    """Return whether this amount can go back of what was received and not taken yet."""
    return currency == received_currency and amount <= received - taken
