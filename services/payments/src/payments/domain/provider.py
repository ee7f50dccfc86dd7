"""What goes to the provider and what comes back; neither holds a name, an address or a card number."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class NoticeKind(StrEnum):
    """What the provider tells about a payment."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUND = "refund"
    LOOK = "look"


class RefundStatus(StrEnum):
    """How far a refund is; one that has failed never succeeds."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund as the provider knows it; `refund` is the seller's, where it was made for one."""

    provider_refund: str
    amount: int
    currency: str
    status: RefundStatus
    refund: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The payment that the provider means, and the order whose story it belongs to."""

    tenant: str
    order: UUID
    payment: UUID


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing the provider tells; tenant, order and payment are what we once wrote on it, where they are known."""

    kind: NoticeKind
    tenant: str = ""
    order: UUID | None = None
    payment: UUID | None = None
    session: str | None = None
    intent: str | None = None
    amount: int | None = None
    currency: str | None = None
    refund: RefundSeen | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A checkout to open, or the one that is open already (`session`)."""

    tenant: str
    payment: UUID
    order: UUID
    number: str
    amount: int
    currency: str
    customer: UUID
    session: str | None
    under_way: bool
    provider_customer: str | None
    saves_card: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class Onward:
    """Where the customer goes from the hosted page."""

    success_url: str
    cancel_url: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkout that the customer can go to."""

    session: str
    url: str | None
    intent: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A checkout to ask about; `close` where nobody shall pay by it any more."""

    tenant: str
    payment: UUID
    order: UUID
    session: str
    close: bool
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class RefundWish:
    """Money to send back; `tried` where an earlier attempt may have reached the provider."""

    tenant: str
    refund: UUID
    order: UUID
    payment: UUID
    intent: str
    amount: int
    currency: str
    tried: bool
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class RefundRefused:
    """The provider will not send this money back; `code` is its word for why."""

    code: str


@dataclass(frozen=True, slots=True)
class Goodbye:
    """A customer whom the provider shall forget, with all cards kept."""

    tenant: str
    customer: UUID
    provider_customer: str | None
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A customer who stays, of whom the provider shall keep no card; `asked` counts how often it was to."""

    tenant: str
    customer: UUID
    provider_customer: str
    asked: int
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class SavedCard:
    """What the provider keeps for a customer: its id of it, and whether that is a card or an account."""

    card: str
    kind: str
