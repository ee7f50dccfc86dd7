"""Stock: who gets a serial, and when somebody should import more (LIC-1, LIC-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

S = TypeVar("S")
# the tenant, order and line whose units share a key
Purchase = tuple[str, UUID, UUID]
SKU: Final = r"^[A-Za-z0-9._-]{1,64}$"


@dataclass(frozen=True, slots=True)
class Unit:
    """A paid and released unit that has no key yet."""

    tenant: str
    order_id: UUID
    id: UUID
    line_id: UUID
    position: int
    sku: str
    key_source: str
    key_prefix: str
    paid_at: datetime
    paid_sequence: int
    state: str
    keys_per: str = "unit"

    @property
    def turn(self) -> tuple[datetime, int, UUID, int]:
        """The place in the queue: who has paid first is first."""
        return self.paid_at, self.paid_sequence, self.order_id, self.position

    @property
    def shares(self) -> bool:
        """Whether all units of its purchase, which is its line, have one key (LIC-4)."""
        return self.keys_per == "purchase"

    @property
    def key_holder(self) -> Purchase:
        """What one key is for: this unit, or its purchase."""
        return self.tenant, self.order_id, self.line_id if self.shares else self.id


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of a SKU's serials, and whether it was published that this is little."""

    tenant: str
    sku: str
    available: int
    low_stock: int
    low_published: bool

    def less(self, taken: int) -> "Stock":
        """Return the stock after serials were taken."""
        return replace(self, available=self.available - taken)

    def published(self) -> "Stock":
        """Return the stock after it was published whether it is low."""
        return replace(self, low_published=self.available <= self.low_stock)

    @property
    def falls_low(self) -> bool:
        """Whether it is to be published that little is left: once, until there is more again."""
        return self.available <= self.low_stock and not self.low_published


def grouped(units: Iterable[Unit]) -> list[tuple[Unit, ...]]:
    """Return the units that get one key together, in the order of payment; a purchase takes the turn of its first."""
    together: dict[Purchase, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.turn):
        together.setdefault(unit.key_holder, []).append(unit)
    return [tuple(group) for group in together.values()]


def assigned(
    queue: Sequence[tuple[Unit, ...]], serials: Sequence[S]
) -> tuple[list[tuple[tuple[Unit, ...], S]], list[Unit]]:
    """Return who gets which serial, in the order of the queue, and the units that get none."""
    without = [unit for group in queue[len(serials) :] for unit in group]
    return list(zip(queue, serials, strict=False)), without
