"""A letter as it is to be written: all content but what lies in boxes, which are opened when it is sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from mail_relay.domain.dossier import Kind, Link


class Tone(StrEnum):
    """Which words a letter opens with."""

    ACKNOWLEDGEMENT = "acknowledgement"
    DELIVERY = "delivery"
    CONFIRMATION = "confirmation"
    FOLLOW_ON = "follow_on"
    RESEND = "resend"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on an item: which words, for how many units, from when on."""

    words: str
    count: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LicenseKey:
    """A key in its box, written once for all the units that have been told to share it."""

    license_key: str | None
    units: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the order; amounts in minor units, `price` per unit, `tax_rate` in basis points."""

    name: str
    quantity: int
    price: int
    gross: int
    tax: int
    tax_rate: int
    links: tuple[Link, ...] = ()
    keys: tuple[LicenseKey, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A consent as it was made (ORD-7)."""

    text: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Instructions:
    """How to transfer the money."""

    reference: str
    iban: str
    bic: str
    payee: str
    amount: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What was refunded: units by name; `reason` is empty where nobody has said it."""

    amount: int
    currency: str
    refunded_at: datetime
    reason: str
    goods: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sends the letter; `records` is the key, id and public half, to which its copy is sealed."""

    legal_name: str
    address: str
    vat_id: str
    records: tuple[UUID, bytes] | None


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail to be sent; `acknowledges` where no e-mail has thanked for the order yet."""

    tenant: str
    order: UUID
    email: UUID
    kind: Kind
    tone: Tone
    message_id: str
    written_at: datetime
    traceparent: str | None
    name_box: str
    email_box: str
    language: str
    seller: Seller
    order_number: str
    ordered_at: datetime
    acknowledges: bool
    paid: bool
    currency: str
    net: int
    gross: int
    items: tuple[Item, ...]
    consents: tuple[Statement, ...]
    withdrawal_notice: str
    transfer: Instructions | None = None
    notice: Notice | None = None

    @property
    def boxes(self) -> tuple[str, ...]:
        """Everything that must be opened to write it."""
        tokens = [link.token for item in self.items for link in item.links]
        keys = [key.license_key for item in self.items for key in item.keys]
        return (self.name_box, self.email_box, *(box for box in (*tokens, *keys) if box is not None))

    @property
    def taxes(self) -> list[tuple[int, int]]:
        """The tax contained in the total, by rate."""
        rates = sorted({item.tax_rate for item in self.items})
        return [(rate, sum(item.tax for item in self.items if item.tax_rate == rate)) for rate in rates]
