"""What an order owes: its units, and which of them money covers; amounts are integers in minor units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

ON_ITS_WAY = timedelta(hours=1)
"""How long an order may take from orders to here, where Kafka is away for a while."""


class OrderUnknown(Exception):
    """There is no such order."""


class OrderLapsed(Exception):
    """The order was cancelled, or its time to pay has ended."""


class AlreadyPaid(Exception):
    """The order is paid already."""


class PaidInPart(Exception):
    """Money for a part of the order is in; a card would pay all of it again."""


class NotByCard(Exception):
    """This order is paid by bank transfer; its transfer instructions say how."""


class NotByTransfer(Exception):
    """This order is not paid by bank transfer."""


class UnitsNotOpen(Exception):
    """Only units of this order that are neither cancelled nor covered can be allocated."""


def may_come(order_id: UUID, now: float) -> bool:
    """Return whether an order may still be on its way here, by the time in its id (UUIDv7, RFC 9562 5.7).

    `now` is in seconds of real time, as that in ids is. Another id is none that orders has given.
    """
    return order_id.version == 7 and abs(now - (order_id.int >> 80) / 1000) < ON_ITS_WAY.total_seconds()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and its gross share of its line.

    `covered_by` is the payment, receipt or allocation whose money for it is in.
    """

    id: UUID
    gross: int
    covered_by: UUID | None = None

    @property
    def covered(self) -> bool:
        """Whether money for it is in."""
        return self.covered_by is not None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as far as money is concerned.

    `checkout_payment_id` is the payment of the latest checkout, `traceparent` the trace of the order (W3C);
    `organisation_id` is for which it was ordered, if for one.
    """

    tenant: str
    id: UUID
    number: str
    customer_id: UUID
    channel: str
    market: str
    seller_id: str
    payment_method: str
    currency: str
    gross: int
    ordered_at: datetime
    pay_until: datetime
    reference: str | None
    requested_at: datetime | None
    traceparent: str | None
    cancelled_units: frozenset[UUID]
    units: tuple[Unit, ...]
    checkout_payment_id: UUID | None = None
    organisation_id: UUID | None = None
    language: str = "de"

    @property
    def open_units(self) -> list[Unit]:
        """The units for which money is still expected."""
        return [unit for unit in self.units if not unit.covered and unit.id not in self.cancelled_units]

    @property
    def due_amount(self) -> int:
        """The gross sum of what money is still expected for."""
        return sum(unit.gross for unit in self.open_units)

    @property
    def lapsed(self) -> bool:
        """Whether units of it were cancelled; such an order takes no money without a human decision."""
        return bool(self.cancelled_units)

    @property
    def covered_amount(self) -> int:
        """The gross sum of what money is in for."""
        return sum(unit.gross for unit in self.units if unit.covered)

    def covered_otherwise(self, by: UUID) -> bool:
        """Return whether other money than this is in for any of its units."""
        return any(unit.covered_by not in (None, by) for unit in self.units)

    def check_payable(self, now: datetime) -> None:
        """Refuse a card payment that could release nothing.

        Raises NotByCard, OrderLapsed, AlreadyPaid, PaidInPart.
        """
        if self.payment_method != "card":
            raise NotByCard
        if self.lapsed or now >= self.pay_until:
            raise OrderLapsed
        if not self.open_units:
            raise AlreadyPaid
        if self.covered_amount:
            raise PaidInPart

    def coverable(self, wanted: Sequence[UUID]) -> list[Unit]:
        """Return the wanted units, all of which must be open; raises UnitsNotOpen."""
        known = {unit.id: unit for unit in self.open_units}
        chosen = [known[unit] for unit in wanted if unit in known]
        if not chosen or len(chosen) != len(wanted) or len(set(wanted)) != len(wanted):
            raise UnitsNotOpen
        return chosen

    def with_covered(self, covered: Iterable[UUID], by: UUID) -> "Order":
        """Return the order with this money for those of these units that had none."""
        named = set(covered)
        return replace(
            self,
            units=tuple(
                replace(unit, covered_by=by) if unit.id in named and not unit.covered else unit for unit in self.units
            ),
        )

    def with_freed(self, freed: Iterable[UUID]) -> "Order":
        """Return the order without money for these units."""
        named = set(freed)
        return replace(
            self, units=tuple(replace(unit, covered_by=None) if unit.id in named else unit for unit in self.units)
        )


def shares(gross: int, units: int) -> list[int]:
    """Split a line's gross among its equal units as orders does, so that the shares sum up to it."""
    return [gross * (i + 1) // units - gross * i // units for i in range(units)]
