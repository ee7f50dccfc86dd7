"""An order and its units; a unit's state follows from the facts known of it, in whatever order they arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from orders.domain.money import Taxed

Fact = Literal["paid_at", "delivered_at", "refunded_at", "cancelled_at"]


class OrderUnknown(Exception):
    """There is no such order."""


class PaymentDiffers(Exception):
    """The amount or currency that was paid is not the order's."""


class NotRefundable(Exception):
    """Only units that are paid and not yet taken back can be refunded."""


class NotCancellable(Exception):
    """Only units that are not paid can be cancelled, and this order has none."""


class NotShippable(Exception):
    """Only paid units of boxed lines can be shipped."""


class RepaymentUnknown(Exception):
    """Of this order there is no such repayment."""


class RepaymentExplained(Exception):
    """It is known already which units this repayment was for."""


class RepaymentDiffers(Exception):
    """The amount or currency of the repayment is not that of these units."""


class UnitState(StrEnum):
    """What has become of a unit."""

    OPEN = "open"
    PAID = "paid"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class OrderState(StrEnum):
    """What has become of an order."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    DELIVERED = "delivered"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


FOLLOWS: dict[UnitState, frozenset[UnitState]] = {
    UnitState.OPEN: frozenset({UnitState.PAID, UnitState.CANCELLED, UnitState.REFUNDED}),
    UnitState.PAID: frozenset({UnitState.DELIVERED, UnitState.REFUNDED}),
    UnitState.DELIVERED: frozenset({UnitState.REFUNDED}),
    UnitState.REFUNDED: frozenset(),
    UnitState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One copy of what a line sells."""

    id: UUID
    line_id: UUID
    amount: Taxed
    fulfilment: str
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def state(self) -> UnitState:
        """The state: a refund outranks delivery, delivery outranks payment."""
        if self.refunded_at is not None:
            return UnitState.REFUNDED
        if self.cancelled_at is not None:
            return UnitState.CANCELLED
        if self.paid_at is not None:
            return UnitState.DELIVERED if self.delivered_at is not None else UnitState.PAID
        return UnitState.OPEN

    @property
    def outstanding(self) -> bool:
        """Whether something is still to happen to it."""
        return self.state in (UnitState.OPEN, UnitState.PAID)


@dataclass(frozen=True, slots=True)
class Link:
    """Until when a line can be downloaded, by the event with this sequence."""

    line_id: UUID
    until: datetime | None
    sequence: int


@dataclass(frozen=True, slots=True)
class Repayment:
    """What a provider paid back by itself, in minor units; `unit_ids` are empty until it is known what it was for."""

    id: UUID
    amount: int
    currency: str
    unit_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What has become of an order; every fact keeps the date it was first given."""

    tenant: str
    id: UUID
    gross: int
    currency: str
    withdrawal_end: datetime
    claim_window: timedelta
    units: tuple[Unit, ...]
    links: tuple[Link, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    state: OrderState = OrderState.OPEN
    closed_at: datetime | None = None
    contact_until: datetime | None = None

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


def refundable(units: Sequence[Unit], wanted: Iterable[UUID]) -> list[Unit]:
    """Return the units to refund; raises NotRefundable unless all wanted ones are known, paid and not yet refunded."""
    known = {unit.id: unit for unit in units}
    chosen = [known[unit] for unit in dict.fromkeys(wanted) if unit in known]
    if not chosen or len(chosen) != len(set(wanted)):
        raise NotRefundable
    if any(unit.state not in (UnitState.PAID, UnitState.DELIVERED) for unit in chosen):
        raise NotRefundable
    return chosen


def covered_by(units: Sequence[Unit], amount: int) -> list[Unit]:
    """Return the units that a refund of this amount must mean: all that are left, or one whole line; else none."""
    left = _left(units)
    if _gross(left) == amount:
        return left
    by_line = [[unit for unit in left if unit.line_id == line] for line in dict.fromkeys(unit.line_id for unit in left)]
    fitting = [chosen for chosen in by_line if _gross(chosen) == amount]
    return fitting[0] if len(fitting) == 1 else []


def explained(
    units: Sequence[Unit], new: Repayment, waiting: Sequence[Repayment]
) -> tuple[list[Repayment], list[Unit]]:
    """Return which repayments were for which units, now that a new one adds to those that wait.

    Together they may be for all that is left; else what the new one means alone comes before what all mean together.
    """
    together = [*waiting, new]
    tried = [together, [new]] if _sum(together) == _gross(_left(units)) else [[new], together]
    for repayments in tried:
        if meant := covered_by(units, _sum(repayments)):
            return repayments, meant
    return [], []


def check_explains(repayment: Repayment, units: Sequence[Unit], currency: str) -> None:
    """Raise RepaymentDiffers unless a repayment is exactly what these units cost."""
    if (repayment.amount, repayment.currency) != (_gross(units), currency):
        raise RepaymentDiffers


def unpaid(units: Sequence[Unit]) -> list[Unit]:
    """Return the units that are neither paid nor refunded nor cancelled."""
    return [unit for unit in units if unit.state is UnitState.OPEN]


def cancellable(units: Sequence[Unit]) -> list[Unit]:
    """Return the unpaid units; raises NotCancellable where there are none."""
    if chosen := unpaid(units):
        return chosen
    raise NotCancellable


def shippable(units: Sequence[Unit], wanted: Iterable[UUID]) -> list[Unit]:
    """Return the wanted units that are not shipped yet; raises NotShippable unless all are paid and boxed."""
    known = {unit.id: unit for unit in units if unit.fulfilment == "boxed"}
    chosen = [known[unit] for unit in dict.fromkeys(wanted) if unit in known]
    if len(chosen) != len(set(wanted)) or any(unit.paid_at is None or unit.refunded_at for unit in chosen):
        raise NotShippable
    return [unit for unit in chosen if unit.delivered_at is None]


def contact_until(
    closed_at: datetime, links: Iterable[Link], withdrawal_end: datetime, claim_window: timedelta
) -> datetime:
    """Return until when the customer may have to be reached: the latest of link, withdrawal and claim windows."""
    return max(closed_at + claim_window, withdrawal_end, *(link.until for link in links if link.until is not None))


def _left(units: Sequence[Unit]) -> list[Unit]:
    return [unit for unit in units if unit.state is not UnitState.REFUNDED and unit.cancelled_at is None]


def _gross(units: Sequence[Unit]) -> int:
    return sum(unit.amount.gross for unit in units)


def _sum(repayments: Sequence[Repayment]) -> int:
    return sum(repayment.amount for repayment in repayments)
