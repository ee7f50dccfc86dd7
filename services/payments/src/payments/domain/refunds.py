"""Money that goes back: never more than came in (F-P18)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from payments.domain.provider import DisputeStatus, RefundStatus


class RefundUnknown(Exception):
    """There is no such refund to pay out."""


class RefundState(StrEnum):
    """The states: `waiting` for the money, `due` at the provider, `asked` for and not confirmed, `payout` by staff.

    One that is `disputed` waits for the end of the dispute about its charge.
    """

    WAITING = "waiting"
    DUE = "due"
    ASKED = "asked"
    DISPUTED = "disputed"
    PAYOUT = "payout"
    REFUSED = "refused"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that the seller has decided to give back; `reference` is the bank's, where staff has sent it by hand.

    `reduced_to` is what is left of it to send, where a part of the money went back on the provider's page.
    """

    id: UUID
    order_id: UUID
    amount: int
    currency: str
    state: RefundState
    payment_id: UUID | None
    traceparent: str | None
    reference: str | None = None
    reduced_to: int | None = None

    @property
    def to_send(self) -> int:
        """How much goes back by it."""
        return self.amount if self.reduced_to is None else self.reduced_to


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


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute about a payment; money that is disputed goes back to the customer by it alone, or not at all.

    Events name it by `public_id`; `published` is the status that was published last.
    """

    id: str
    payment_id: UUID
    amount: int
    currency: str
    status: DisputeStatus
    public_id: UUID
    opened_at: datetime
    published: DisputeStatus | None

    @property
    def ended(self) -> bool:
        """Whether it is won or lost."""
        return self.status in (DisputeStatus.WON, DisputeStatus.LOST)


def allowed(amount: int, currency: str, received: int, received_currency: str, taken: int) -> bool:
    """Return whether this amount can go back of what was received and not taken yet."""
    return currency == received_currency and amount <= received - taken
