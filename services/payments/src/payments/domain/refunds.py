"""Money that goes back: never more than came in (F-P18)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from payments.domain.provider import RefundStatus


class RefundUnknown(Exception):
    """There is no such refund to pay out."""


class RefundState(StrEnum):
    """`waiting` for the money, `due` to the provider, `asked` and not confirmed, `payout` by staff."""

    WAITING = "waiting"
    DUE = "due"
    ASKED = "asked"
    PAYOUT = "payout"
    REFUSED = "refused"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Refund:
    """What the seller has decided to give back."""

    refund: UUID
    order: UUID
    amount: int
    currency: str
    state: RefundState
    payment: UUID | None
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Repayment:
    """A refund that the provider knows."""

    repayment: UUID
    provider_refund: str
    payment: UUID
    refund: UUID | None
    amount: int
    currency: str
    status: RefundStatus
    said_at: datetime | None


def allowed(amount: int, currency: str, received: int, received_currency: str, taken: int) -> bool:
    """Whether this much can go back of what was received and not taken yet."""
    return currency == received_currency and amount <= received - taken
