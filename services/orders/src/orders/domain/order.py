"""An order: what has become of its units, and what follows for the whole."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from orders.domain.repayment import Repayment, explained
from orders.domain.unit import Unit, UnitState
from orders.domain.withdrawal import BOTH, lost_at

Fact = Literal["paid_at", "delivered_at", "refunded_at", "cancelled_at", "given_up_at", "granted_at"]


class OrderUnknown(Exception):
    """There is no such order."""


class PaymentDiffers(Exception):
    """The amount or currency that was paid is not the order's."""


class OrderState(StrEnum):
    """What has become of an order."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    DELIVERED = "delivered"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Link:
    """Until when a line can be downloaded, by the event with this sequence."""

    line_id: UUID
    until: datetime | None
    sequence: int


@dataclass(frozen=True, slots=True)
class Order:
    """What has become of an order; every fact keeps the date it was first given.

    What is unpaid of it at `lapses_at` is cancelled. `confirmed_at` is when an e-mail first confirmed both of the
    consumer's statements.
    """

    tenant: str
    id: UUID
    gross: int
    currency: str
    withdrawal_end: datetime
    claim_window: timedelta
    lapses_at: datetime
    units: tuple[Unit, ...]
    links: tuple[Link, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    state: OrderState = OrderState.OPEN
    closed_at: datetime | None = None
    contact_until: datetime | None = None
    confirmed_at: datetime | None = None

    def dated(self, unit_ids: Iterable[UUID], fact: Fact, at: datetime) -> "Order":
        """Return the order with this date at these units, where they had none."""
        named = set(unit_ids)
        units = tuple(
            replace(unit, **{fact: at}) if unit.id in named and getattr(unit, fact) is None else unit
            for unit in self.units
        )
        return replace(self, units=units)

    def paid(self, unit_ids: Iterable[UUID], at: datetime) -> "Order":
        """Return the order with these units paid; cancelled ones stay cancelled."""
        cancelled = {unit.id for unit in self.units if unit.cancelled_at is not None}
        return self.dated(set(unit_ids) - cancelled, "paid_at", at)

    def paid_by(self, amount: int, currency: str, at: datetime) -> "Order":
        """Return the order wholly paid; raises PaymentDiffers where amount or currency are not the order's."""
        if (amount, currency) != (self.gross, self.currency):
            raise PaymentDiffers
        return self.paid([unit.id for unit in self.units], at)

    def paid_in_part(self, unit_ids: Iterable[UUID], currency: str, at: datetime) -> "Order":
        """Return the order with these units paid; raises PaymentDiffers where the currency is not the order's."""
        if currency != self.currency:
            raise PaymentDiffers
        return self.paid(unit_ids, at)

    def awaiting(self, until: datetime) -> "Order":
        """Return the order that lapses not before then, because money for it is on its way."""
        return replace(self, lapses_at=max(self.lapses_at, until))

    def sent(self, unit_ids: Iterable[UUID], at: datetime) -> "Order":
        """Return the order with these units delivered, unless what was sent then has come back since."""
        named = set(unit_ids)
        return self.dated((unit.id for unit in self.units if unit.id in named and unit.arrives(at)), "delivered_at", at)

    def bounced(self, unit_ids: Iterable[UUID], at: datetime) -> "Order":
        """Return the order with the e-mail that carries these units refused for good; the last time counts.

        It may have been accepted before, and come back later: then it delivered and confirmed nothing (BGB 356 (5)).
        """
        named = set(unit_ids)
        units = tuple(unit.bounced(at) if unit.id in named else unit for unit in self.units)
        confirmed_at = None if self.confirmed_at is not None and self.confirmed_at <= at else self.confirmed_at
        return replace(self, units=units, confirmed_at=confirmed_at)

    def given_up(self, since: datetime, now: datetime) -> "Order":
        """Return the order without hope for what bounced that long ago and has not been delivered since."""
        hopeless = [
            unit.id
            for unit in self.units
            if unit.bounced_at is not None and unit.bounced_at <= since and unit.delivered_at is None
        ]
        return self.dated(hopeless, "given_up_at", now)

    def confirmed(self, statements: Set[str], at: datetime) -> "Order":
        """Return the order with these statements confirmed; only both count, and the first time that arrived."""
        if not statements >= BOTH or not all(unit.arrives(at) for unit in self.units):
            return self
        return replace(self, confirmed_at=min(self.confirmed_at or at, at))

    def withdrawal_lost_at(self, unit: Unit) -> datetime | None:
        """Return when the right to withdraw from a unit was lost; boxed goods can be sent back all the same."""
        return lost_at(unit.delivered_at, self.confirmed_at) if unit.fulfilment == "download" else None

    def linked(self, link: Link) -> "Order":
        """Return the order with this link, unless a later one of its line is known or nothing of the line."""
        links = tuple(
            link if known.line_id == link.line_id and known.sequence < link.sequence else known for known in self.links
        )
        return replace(self, links=links)

    def repaid(self, repayment: Repayment, at: datetime) -> "Order":
        """Return the order after a repayment that somebody made at the provider (F-P20).

        It takes back the units that it must mean, alone or together with earlier ones; else it waits for staff.
        """
        if any(known.id == repayment.id for known in self.repayments):
            return self
        kept = replace(self, repayments=(*self.repayments, repayment))
        if repayment.currency != self.currency:
            return kept
        waiting = [known for known in self.repayments if known.currency == self.currency and not known.unit_ids]
        repayments, units = explained(self.units, repayment, waiting)
        return kept.explained(repayments, units, at) if units else kept

    def explained(self, repayments: Sequence[Repayment], units: Sequence[Unit], at: datetime) -> "Order":
        """Return the order with these units refunded, for which these repayments were."""
        ids, unit_ids = {repayment.id for repayment in repayments}, tuple(unit.id for unit in units)
        known = tuple(replace(one, unit_ids=unit_ids) if one.id in ids else one for one in self.repayments)
        return replace(self.dated(unit_ids, "refunded_at", at), repayments=known)

    def concluded(self, now: datetime) -> "Order":
        """Return the order with the state that follows from its units, closed when nothing is left to happen.

        From then on the customer may have to be reached until the latest of link, withdrawal and claim windows.
        """
        state = state_of(self.units)
        closed_at, until = self.closed_at, self.contact_until
        if not any(unit.outstanding for unit in self.units):
            closed_at = closed_at or now
            if state is OrderState.CANCELLED:
                until = closed_at
            else:
                until = contact_until(closed_at, self.links, self.withdrawal_end, self.claim_window)
        return replace(self, state=state, closed_at=closed_at, contact_until=until)


def state_of(units: Sequence[Unit]) -> OrderState:
    """Return the order's state, from those of its units; cancelled ones count only where there are no others."""
    live = {unit.state for unit in units} - {UnitState.CANCELLED}
    if not live:
        return OrderState.CANCELLED
    if live == {UnitState.REFUNDED}:
        return OrderState.REFUNDED
    if UnitState.REFUNDED in live:
        return OrderState.PARTLY_REFUNDED
    if live == {UnitState.DELIVERED}:
        return OrderState.DELIVERED
    if UnitState.OPEN not in live:
        return OrderState.PAID
    return OrderState.OPEN if live == {UnitState.OPEN} else OrderState.PARTLY_PAID


def contact_until(
    closed_at: datetime, links: Iterable[Link], withdrawal_end: datetime, claim_window: timedelta
) -> datetime:
    """Return until when the customer may have to be reached: the latest of link, withdrawal and claim windows."""
    return max(closed_at + claim_window, withdrawal_end, *(link.until for link in links if link.until is not None))
