"""What is known of an order: the facts as they were heard, and the e-mails made of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

HISTORY = 0
"""The number of the e-mail that stands for whatever happened before EFFECTS_SINCE."""


class Kind(StrEnum):
    """What an e-mail is for."""

    ACKNOWLEDGEMENT = "acknowledgement"
    DELIVERY = "delivery"
    REFUND = "refund"


class State(StrEnum):
    """Where an e-mail stands; while `sending`, an attempt may have reached the server and the letter is fixed."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Unit:
    """A paid unit: `known_at` is when this service heard of the payment, `payment` names the part of it.

    `promised_from` is what the payment itself said, `deliver_from` the earliest moment heard since.
    """

    unit: UUID
    line: UUID
    payment: UUID
    paid_at: datetime
    known_at: datetime
    promised_from: datetime | None
    deliver_from: datetime | None
    download: bool
    keyed: bool
    announced_in: int | None = None
    delivered_in: int | None = None

    @property
    def with_payment(self) -> bool:
        """Whether delivery may follow the payment at once."""
        return self.deliver_from is None or self.deliver_from <= self.paid_at

    @property
    def promised_with_payment(self) -> bool:
        """Whether the payment itself said so, whatever is released later."""
        return self.promised_from is None or self.promised_from <= self.paid_at


@dataclass(frozen=True, slots=True)
class Link:
    """A download link, for the units to which the same e-mail carries it.

    Of a grant's links the one of the highest `sequence` opens something.
    """

    digest: bytes
    grant: UUID
    line: UUID
    units: frozenset[UUID]
    sequence: int
    token: str | None
    valid_until: datetime
    download_limit: int
    files: tuple[str, ...] = ()
    emailed_in: int | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A unit's licence key, in its box; units that share one name the same license (LIC-4)."""

    license: UUID
    unit: UUID
    line: UUID
    license_key: str | None
    emailed_in: int | None = None


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money that went back; `refund` is the decision it belongs to."""

    repayment: UUID
    refund: UUID
    amount: int
    currency: str
    refunded_at: datetime
    known_at: datetime
    emailed_in: int | None = None


@dataclass(frozen=True, slots=True)
class Email:
    """A recorded e-mail, number `sequence` of its order; `about` is the repayment of a notice.

    `lost` where an attempt may have reached the server; `code` and `answer` are the last that the server gave.
    """

    email: UUID
    kind: Kind
    sequence: int
    state: State
    created_at: datetime
    about: UUID | None = None
    message_id: str = ""
    traceparent: str | None = None
    lost: bool = False
    failures: int = 0
    first_failed_at: datetime | None = None
    code: int | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything known of an order that decides about its e-mails."""

    ordered_at: datetime
    acknowledge_at: datetime | None
    by_transfer: bool
    transfer_known: bool
    quiet: bool
    cancelled: bool
    units: tuple[Unit, ...] = ()
    returned: frozenset[UUID] = frozenset()
    backordered: frozenset[UUID] = frozenset()
    links: tuple[Link, ...] = ()
    keys: tuple[Key, ...] = ()
    refunds: frozenset[UUID] = frozenset()
    repayments: tuple[Repayment, ...] = ()
    emails: tuple[Email, ...] = ()

    @property
    def placed(self) -> bool:
        """Whether the order itself was heard of: nothing can be written without it."""
        return self.acknowledge_at is not None

    @property
    def live_units(self) -> list[Unit]:
        """Paid units that were not taken back."""
        return [unit for unit in self.units if unit.unit not in self.returned]

    @property
    def valid_links(self) -> list[Link]:
        """The newest link of each grant."""
        ordered = sorted(self.links, key=lambda link: (link.sequence, link.digest))
        newest = {link.grant: link.digest for link in ordered}
        return [link for link in ordered if newest[link.grant] == link.digest]

    def has_link(self, unit: Unit) -> bool:
        """Whether a link for this unit is known."""
        return any(unit.unit in link.units for link in self.links)

    def has_key(self, unit: Unit) -> bool:
        """Whether a key for this unit is known."""
        return any(key.unit == unit.unit for key in self.keys)

    def lacks(self, unit: Unit) -> bool:
        """Whether something of this unit is still to be waited for; a back-order is an answer."""
        without_link = unit.download and not self.has_link(unit)
        without_key = unit.keyed and not self.has_key(unit) and unit.unit not in self.backordered
        return without_link or without_key
