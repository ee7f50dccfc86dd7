"""An order, its lines and units; a unit's state follows from the facts known of it, in whatever order they came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from orders.domain.money import Taxed


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
    OPEN = "open"
    PAID = "paid"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class OrderState(StrEnum):
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

    unit: UUID
    line: UUID
    amount: Taxed
    fulfilment: str
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def state(self) -> UnitState:
        """A refund outranks delivery, delivery outranks payment."""
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
class Repayment:
    """What a provider paid back by itself, in minor units; `units` are empty until it is known what it was for."""

    repayment: UUID
    amount: int
    currency: str
    units: tuple[UUID, ...] = ()


def state_of(units: Sequence[Unit]) -> OrderState:
    """The order's state, of those of its units; cancelled ones count only where there are no others."""
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


Fact = Literal["paid_at", "delivered_at", "refunded_at", "cancelled_at"]


def dated(units: Sequence[Unit], named: Iterable[UUID], fact: Fact, at: datetime) -> list[Unit]:
    """All units, the named ones with the date of a fact where they had none."""
    names = set(named)
    return [
        replace(unit, **{fact: at}) if unit.unit in names and getattr(unit, fact) is None else unit for unit in units
    ]


def newly_paid(units: Sequence[Unit], covered: Iterable[UUID]) -> list[Unit]:
    """The units which this money covers and which were not covered before."""
    named = set(covered)
    return [unit for unit in units if unit.unit in named and unit.paid_at is None and unit.cancelled_at is None]


def refundable(units: Sequence[Unit], wanted: Iterable[UUID]) -> list[Unit]:
    """The units to take back: all wanted ones are known, paid and not yet refunded."""
    known = {unit.unit: unit for unit in units}
    chosen = [known[unit] for unit in dict.fromkeys(wanted) if unit in known]
    if not chosen or len(chosen) != len(set(wanted)):
        raise NotRefundable
    if any(unit.state not in (UnitState.PAID, UnitState.DELIVERED) for unit in chosen):
        raise NotRefundable
    return chosen


def covered_by(units: Sequence[Unit], amount: int) -> list[Unit]:
    """The units a provider's own refund of this amount must mean: all that are left, or one whole line; else none."""
    left = _left(units)
    if _gross(left) == amount:
        return left
    by_line = [[unit for unit in left if unit.line == line] for line in dict.fromkeys(unit.line for unit in left)]
    fitting = [chosen for chosen in by_line if _gross(chosen) == amount]
    return fitting[0] if len(fitting) == 1 else []


def explained(
    units: Sequence[Unit], fresh: Repayment, waiting: Sequence[Repayment]
) -> tuple[list[Repayment], list[Unit]]:
    """Which repayments mean which units, now that a fresh one adds to those that wait: several may make a whole.

    All of them mean all that is left; else what the fresh one means by itself comes before what all mean together.
    """
    together = [*waiting, fresh]
    tried = [together, [fresh]] if _sum(together) == _gross(_left(units)) else [[fresh], together]
    for repayments in tried:
        if meant := covered_by(units, _sum(repayments)):
            return repayments, meant
    return [], []


def check_explains(repayment: Repayment, units: Sequence[Unit], currency: str) -> None:
    """Let a repayment be for these units; raises RepaymentDiffers."""
    if (repayment.amount, repayment.currency) != (_gross(units), currency):
        raise RepaymentDiffers


def unpaid(units: Sequence[Unit]) -> list[Unit]:
    """The units that are neither paid nor ended otherwise."""
    return [unit for unit in units if unit.state is UnitState.OPEN]


def cancellable(units: Sequence[Unit]) -> list[Unit]:
    """The unpaid units; raises NotCancellable where there are none."""
    if chosen := unpaid(units):
        return chosen
    raise NotCancellable


def shippable(units: Sequence[Unit], wanted: Iterable[UUID]) -> list[Unit]:
    """The wanted units, which must be paid and boxed; those shipped before are left out."""
    known = {unit.unit: unit for unit in units if unit.fulfilment == "boxed"}
    chosen = [known[unit] for unit in dict.fromkeys(wanted) if unit in known]
    if len(chosen) != len(set(wanted)) or any(unit.paid_at is None or unit.refunded_at for unit in chosen):
        raise NotShippable
    return [unit for unit in chosen if unit.delivered_at is None]


def contact_until(
    closed_at: datetime, links: Iterable[datetime], withdrawal_end: datetime, claim_window: timedelta
) -> datetime:
    """Until when the customer may have to be reached: the latest of link, withdrawal and claim windows."""
    return max(closed_at + claim_window, withdrawal_end, *links)


def _left(units: Sequence[Unit]) -> list[Unit]:
    return [unit for unit in units if unit.state is not UnitState.REFUNDED and unit.cancelled_at is None]


def _gross(units: Sequence[Unit]) -> int:
    return sum(unit.amount.gross for unit in units)


def _sum(repayments: Sequence[Repayment]) -> int:
    return sum(repayment.amount for repayment in repayments)
