"""What goes to the provider and what comes back; neither holds a name, an address or a card number."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

# its scheme, the first label of its host, and what follows; nobody's name stands before the host (RFC 3986, 3.2)
ORIGIN = re.compile(r"(https?://)([a-z0-9-]+|\[[0-9a-f:]+\])((?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?)(?=[/?#]|$)")


class NoticeKind(StrEnum):
    """What the provider sends about a payment; `changed` says only that it has to be inquired about."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUND = "refund"
    DISPUTE = "dispute"
    CHANGED = "changed"


class RefundStatus(StrEnum):
    """How far a refund is; one that has failed never succeeds."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider knows it; `refund_id` is the seller's, where it was made for one."""

    id: str
    amount: int
    currency: str
    status: RefundStatus
    refund_id: UUID | None = None


class DisputeStatus(StrEnum):
    """How far a dispute is: only `inquired` about by the bank, `open`, or ended."""

    INQUIRED = "inquired"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A dispute as the provider knows it: the customer's bank wants this amount back."""

    id: str
    amount: int
    currency: str
    status: DisputeStatus


@dataclass(frozen=True, slots=True)
class PaymentKey:
    """A payment and the order that it is for."""

    tenant: str
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class Notice:
    """One fact that the provider sends; tenant, order and payment are what we had written on it, if they are known.

    One that names nothing but a `charge_id` is about its intent, which the provider has to be asked for.
    """

    kind: NoticeKind
    tenant: str = ""
    order_id: UUID | None = None
    payment_id: UUID | None = None
    session_id: str | None = None
    intent_id: str | None = None
    charge_id: str | None = None
    amount: int | None = None
    currency: str | None = None
    refund: ProviderRefund | None = None
    dispute: ProviderDispute | None = None

    @property
    def decides(self) -> bool:
        """Whether it is certain by it that the customer has paid, or does not."""
        return self.kind in (NoticeKind.CAPTURED, NoticeKind.FAILED, NoticeKind.EXPIRED)


@dataclass(frozen=True, slots=True)
class CheckoutRules:
    """Where customers go from the hosted page, and when a checkout is first inquired about.

    `storefront_url` is where they go by default; `origins` are those of all addresses they may be sent to, one like
    `https://*.shops.example` those of every name of one label there.
    """

    storefront_url: str
    origins: frozenset[str]
    inquire_after: timedelta

    def leads_home(self, address: str) -> bool:
        """Return whether an address lies within one of the origins."""
        parts = ORIGIN.match(address.lower())
        if parts is None:
            return False
        scheme, label, rest = parts.groups()
        return not self.origins.isdisjoint({f"{scheme}{label}{rest}", f"{scheme}*{rest}"})


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout to open; where the customer is erased, the provider does not get to know who pays."""

    tenant: str
    payment_id: UUID
    order_id: UUID
    order_number: str
    amount: int
    currency: str
    customer_id: UUID
    provider_customer_id: str | None
    saves_card: bool
    customer_erased: bool
    language: str = "de"


@dataclass(frozen=True, slots=True)
class ReturnAddresses:
    """Where the customer goes from the hosted page."""

    success_url: str
    cancel_url: str | None


@dataclass(frozen=True, slots=True)
class HostedPage:
    """A page of the provider's on which the customer can pay."""

    session_id: str
    url: str | None
    intent_id: str | None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A checkout to inquire about; `close` where nobody shall pay by it any more."""

    tenant: str
    payment_id: UUID
    order_id: UUID
    session_id: str
    close: bool
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class RefundTask:
    """Money to send back; `repeated` where an earlier attempt may have reached the provider."""

    tenant: str
    refund_id: UUID
    order_id: UUID
    payment_id: UUID
    intent_id: str
    amount: int
    currency: str
    repeated: bool
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class RefundRefusal:
    """The provider will not send this money back; `code` is its word for why."""

    outcome: ClassVar[str] = "refused"

    code: str


@dataclass(frozen=True, slots=True)
class CustomerDeletion:
    """A customer whom the provider shall delete, with all saved cards."""

    tenant: str
    customer_id: UUID
    provider_customer_id: str | None
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class CardRemoval:
    """A customer who stays, and whose saved cards the provider shall remove; `request` counts how often it was to."""

    tenant: str
    customer_id: UUID
    provider_customer_id: str
    request: int
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class SavedCard:
    """What the provider keeps for a customer: its id of it, and whether that is a card or an account."""

    id: str
    kind: str
