"""A unit's state follows from the facts known of it, in whatever order they arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from orders.domain.money import Taxed


class NotRefundable(Exception):
    """Only units that are paid and not yet taken back can be refunded."""


class NotCancellable(Exception):
    """Only units that are not paid can be cancelled, and this order has none."""


class NotShippable(Exception):
    """Only paid units of boxed lines can be shipped."""


class UnitState(StrEnum):
    """What has become of a unit."""

    OPEN = "open"
    PAID = "paid"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


FOLLOWS: dict[UnitState, frozenset[UnitState]] = {
    UnitState.OPEN: frozenset({UnitState.PAID, UnitState.CANCELLED, UnitState.REFUNDED}),
    UnitState.PAID: frozenset({UnitState.DELIVERED, UnitState.REFUNDED}),
    # what was taken by the next server may come back
    UnitState.DELIVERED: frozenset({UnitState.PAID, UnitState.REFUNDED}),
    UnitState.REFUNDED: frozenset(),
    UnitState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One copy of what a line sells.

    `bounced_at` is when the e-mail that carries it was last refused for good; `given_up_at` when nobody had helped for
    so long that the order no longer waits for it; `granted_at` when a claim was decided for its buyer for good.
    """

    id: UUID
    line_id: UUID
    amount: Taxed
    fulfilment: str
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None
    bounced_at: datetime | None = None
    given_up_at: datetime | None = None
    granted_at: datetime | None = None

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

    def arrives(self, sent_at: datetime) -> bool:
        """Return whether an e-mail of that time is none that bounced."""
        return self.bounced_at is None or sent_at > self.bounced_at

    def bounced(self, at: datetime) -> "Unit":
        """Return it with an e-mail that carries it refused for good, or come back; the last time counts."""
        bounced_at = max(self.bounced_at or at, at)
        arrived = self.delivered_at is not None and self.delivered_at > bounced_at
        return replace(self, bounced_at=bounced_at, delivered_at=self.delivered_at if arrived else None)

    @property
    def outstanding(self) -> bool:
        """Whether something is still to happen to it."""
        return self.state is UnitState.OPEN or (self.state is UnitState.PAID and self.given_up_at is None)


def refundable(units: Sequence[Unit], wanted: Iterable[UUID]) -> list[Unit]:
    """Return the units to refund; raises NotRefundable unless all wanted ones are known, paid and not yet refunded."""
    known = {unit.id: unit for unit in units}
    chosen = [known[unit] for unit in dict.fromkeys(wanted) if unit in known]
    if not chosen or len(chosen) != len(set(wanted)):
        raise NotRefundable
    if any(unit.state not in (UnitState.PAID, UnitState.DELIVERED) for unit in chosen):
        raise NotRefundable
    return chosen


def owed(units: Iterable[Unit]) -> list[Unit]:
    """Return the units to refund because a claim was decided for their buyer: as soon as they are paid, and once."""
    return [unit for unit in units if unit.granted_at and unit.state in (UnitState.PAID, UnitState.DELIVERED)]


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
