"""An order: what was agreed, the facts recorded since, and the e-mails made of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from letters.domain.agreement import Agreement, Instructions, Statement
from letters.domain.email import HISTORY, Email, State


@dataclass(frozen=True, slots=True)
class Unit:
    """A paid unit; `known_at` is when its OrderPaid was consumed, `payment_id` names the payment that covered it.

    `promised_from` is the moment of delivery in OrderPaid, `deliver_from` the earliest one known since.
    `announced_in` is the sequence of the first e-mail that mentions it, `delivered_in` of the one that delivered it.
    """

    id: UUID
    line_id: UUID
    payment_id: UUID
    paid_at: datetime
    known_at: datetime
    promised_from: datetime | None
    deliver_from: datetime | None
    download: bool
    keyed: bool
    announced_in: int | None = None
    delivered_in: int | None = None
    traceparent: str | None = None

    @property
    def with_payment(self) -> bool:
        """Whether delivery may follow the payment at once."""
        return self.deliver_from is None or self.deliver_from <= self.paid_at

    @property
    def promised_with_payment(self) -> bool:
        """Whether the payment itself allowed that, whatever is released later."""
        return self.promised_from is None or self.promised_from <= self.paid_at


@dataclass(frozen=True, slots=True)
class Link:
    """A download link, for the units to which the same e-mail carries it.

    Of a grant's links the one of the highest `sequence` opens something.
    """

    digest: bytes
    grant_id: UUID
    line_id: UUID
    unit_ids: frozenset[UUID]
    sequence: int
    token: str | None
    valid_until: datetime
    download_limit: int
    files: tuple[str, ...] = ()
    emailed_in: int | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """Until when a grant lives and how many downloads it allows, since staff has changed it (DEL-4).

    It is older than a link of a higher `sequence`, which has terms of its own. `emailed_in` states it.
    """

    grant_id: UUID
    sequence: int
    valid_until: datetime
    download_limit: int
    emailed_in: int | None = None

    def of(self, link: Link) -> bool:
        """Return whether it holds for this link."""
        return self.grant_id == link.grant_id and self.sequence > link.sequence


@dataclass(frozen=True, slots=True)
class Key:
    """A unit's licence key, sealed; units that share one name the same licence (LIC-4)."""

    license_id: UUID
    unit_id: UUID
    line_id: UUID
    license_key: str | None
    emailed_in: int | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """The decision to take units back."""

    id: UUID
    unit_ids: frozenset[UUID]
    reason: str


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money that went back; `refund_id` is the decision it belongs to."""

    id: UUID
    refund_id: UUID
    amount: int
    currency: str
    refunded_at: datetime
    known_at: datetime
    emailed_in: int | None = None


@dataclass(frozen=True, slots=True)
class CancelledUnit:
    """A unit that will not be paid, and why; `emailed_in` says so to the customer."""

    id: UUID
    reason: str
    emailed_in: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Everything known of an order that decides about its e-mails.

    `agreement` is None until OrderPlaced is consumed, a box once its key is destroyed. A `quiet` order was placed
    before EFFECTS_SINCE and gets no acknowledgement. `conclude_at` is when time alone may make an e-mail due. While it
    is `disputed`, by the payer's bank or by a claim, its links and keys open nothing.
    """

    tenant: str
    id: UUID
    channel: str
    market: str
    seller: str
    number: str
    ordered_at: datetime
    agreement: Agreement | None = None
    name_box: str | None = None
    email_box: str | None = None
    acknowledge_at: datetime | None = None
    quiet: bool = False
    transfer: Instructions | None = None
    conclude_at: datetime | None = None
    cancelled_units: tuple[CancelledUnit, ...] = ()
    backordered_unit_ids: frozenset[UUID] = frozenset()
    units: tuple[Unit, ...] = ()
    links: tuple[Link, ...] = ()
    extensions: tuple[Extension, ...] = ()
    keys: tuple[Key, ...] = ()
    refunds: tuple[Refund, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    emails: tuple[Email, ...] = ()
    later_consents: tuple[Statement, ...] = ()
    disputed: bool = False
    shipping_box: str | None = None

    @property
    def consents(self) -> tuple[Statement, ...]:
        """The customer's statements, made with the order or later."""
        agreed = self.agreement.consents if self.agreement else ()
        return (*agreed, *(one for one in self.later_consents if one.kind not in {known.kind for known in agreed}))

    @property
    def cancelled(self) -> bool:
        """Whether all units are cancelled."""
        agreed = {unit for line in self.agreement.lines for unit in line.unit_ids} if self.agreement else set[UUID]()
        return bool(agreed) and agreed <= {unit.id for unit in self.cancelled_units}

    @property
    def erased(self) -> bool:
        """Whether nobody can be written to any more, because the customer's key is destroyed."""
        return self.agreement is not None and self.email_box is None

    @property
    def returned_unit_ids(self) -> frozenset[UUID]:
        """The units that were taken back."""
        return frozenset[UUID]().union(*(refund.unit_ids for refund in self.refunds))

    @property
    def live_units(self) -> list[Unit]:
        """Paid units that were not taken back."""
        returned = self.returned_unit_ids
        return [unit for unit in self.units if unit.id not in returned]

    @property
    def valid_links(self) -> list[Link]:
        """The newest link of each grant, on the terms that hold now."""
        ordered = sorted(self.links, key=lambda link: (link.sequence, link.digest))
        newest = {link.grant_id: link.digest for link in ordered}
        return [self._on_terms(link) for link in ordered if newest[link.grant_id] == link.digest]

    @property
    def unsent(self) -> set[int | None]:
        """What is said to be carried by these was never sent: by none, or by e-mails that were withdrawn."""
        return {None, *(email.sequence for email in self.emails if email.state is State.WITHDRAWN)}

    @property
    def traceparent(self) -> str | None:
        """The trace of the first payment, to which e-mails belong that time alone makes due."""
        traced = [unit for unit in self.units if unit.traceparent is not None]
        return min(traced, key=lambda unit: unit.known_at).traceparent if traced else None

    @property
    def last_sequence(self) -> int:
        """The sequence of the latest e-mail."""
        return max((email.sequence for email in self.emails), default=HISTORY)

    def email(self, email_id: UUID) -> Email:
        """Return one of its e-mails."""
        return next(email for email in self.emails if email.id == email_id)

    def with_email(self, changed: Email) -> "Order":
        """Return the order with one of its e-mails as it is now."""
        return replace(self, emails=tuple(changed if one.id == changed.id else one for one in self.emails))

    def _on_terms(self, link: Link) -> Link:
        extension = next((one for one in self.extensions if one.of(link)), None)
        if extension is None:
            return link
        return replace(link, valid_until=extension.valid_until, download_limit=extension.download_limit)

    def has_link(self, unit: Unit) -> bool:
        """Return whether a link for this unit is known."""
        return any(unit.id in link.unit_ids for link in self.links)

    def has_key(self, unit: Unit) -> bool:
        """Return whether a key for this unit is known."""
        return any(key.unit_id == unit.id for key in self.keys)

    def lacks(self, unit: Unit) -> bool:
        """Return whether a link or key of this unit is still to come; a back-order is an answer."""
        without_link = unit.download and not self.has_link(unit)
        without_key = unit.keyed and not self.has_key(unit) and unit.id not in self.backordered_unit_ids
        return without_link or without_key
