"""A letter as it is to be written: all its content but the sealed texts, which are opened when it is sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from letters.domain.agreement import Instructions, Seller, Statement
from letters.domain.brand import Brand
from letters.domain.email import Kind
from letters.domain.order import Link


class Tone(StrEnum):
    """Which words a letter opens with."""

    ACKNOWLEDGEMENT = "acknowledgement"
    DELIVERY = "delivery"
    CONFIRMATION = "confirmation"
    FOLLOW_ON = "follow_on"
    RESEND = "resend"
    EXTENSION = "extension"
    REFUND = "refund"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on an item: the name of its words, for how many units, from when on."""

    words: str
    count: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LicenseKey:
    """A sealed key, written once for all `units` that e-mails have mentioned it for."""

    license_key: str | None
    units: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the order; amounts in minor units, `price` per unit, `tax_rate` in basis points.

    `boxed` goods arrive within the fewest and the most working `days`, where these are named.
    """

    name: str
    quantity: int
    price: int
    gross: int
    tax: int
    tax_rate: int
    links: tuple[Link, ...] = ()
    keys: tuple[LicenseKey, ...] = ()
    notes: tuple[Note, ...] = ()
    boxed: bool = False
    days: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What was refunded: how many units, by name; `reason` is empty where it is not known.

    The units had links or keys, or neither, and others of their lines are `kept`, or none.
    """

    amount: int
    currency: str
    refunded_at: datetime
    reason: str
    goods: tuple[tuple[str, int], ...]
    by_transfer: bool = False
    linked: bool = False
    keyed: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What will not be delivered: how many units, by name, and why."""

    reason: str
    goods: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """The letter of an e-mail, whose `id` it has; it `acknowledges` where no e-mail has thanked for the order yet.

    It is under the `brand` of the shop of its channel, or else the seller's own. The boxes that it lists go to
    `shipping_box`.
    """

    tenant: str
    order_id: UUID
    id: UUID
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
    cancellation: Cancellation | None = None
    brand: Brand | None = None
    shipping_box: str | None = None

    @property
    def boxes(self) -> tuple[str, ...]:
        """Every sealed text that must be opened to write it."""
        tokens = [link.token for item in self.items for link in item.links]
        keys = [key.license_key for item in self.items for key in item.keys]
        more = (self.shipping_box, *tokens, *keys)
        return (self.name_box, self.email_box, *(box for box in more if box is not None))

    @property
    def subject(self) -> str:
        """The name of the words of its subject; that of a delivery names what is in it, and nothing else."""
        if self.tone is not Tone.DELIVERY:
            return self.tone
        parts = {"link": any(item.links for item in self.items), "key": any(item.keys for item in self.items)}
        return "_".join([self.tone, *(name for name, there in parts.items() if there)])

    @property
    def taxes(self) -> list[tuple[int, int]]:
        """The tax contained in the total, by rate."""
        rates = sorted({item.tax_rate for item in self.items})
        return [(rate, sum(item.tax for item in self.items if item.tax_rate == rate)) for rate in rates]
