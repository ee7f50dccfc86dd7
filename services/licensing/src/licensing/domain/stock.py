"""Stock: who gets a serial, and when somebody should import more (LIC-1, LIC-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

S = TypeVar("S")
SKU: Final = r"^[A-Za-z0-9._-]{1,64}$"


@dataclass(frozen=True, slots=True)
class Unit:
    """A paid and released unit that has no key yet."""

    tenant: str
    order_id: UUID
    unit: UUID
    line: UUID
    place: int
    sku: str
    key_source: str
    key_prefix: str
    paid_at: datetime
    paid_sequence: int
    state: str
    keys_per: str = "unit"

    @property
    def turn(self) -> tuple[datetime, int, UUID, int]:
        """Whoever has paid first is first."""
        return self.paid_at, self.paid_sequence, self.order_id, self.place

    @property
    def shares(self) -> bool:
        """Whether all units of its purchase, which is its line, have one key (LIC-4)."""
        return self.keys_per == "purchase"

    @property
    def wish(self) -> tuple[str, UUID, UUID]:
        """What one key is for: this unit, or its purchase."""
        return self.tenant, self.order_id, self.line if self.shares else self.unit


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of a SKU's serials, and whether it was said that this is little."""

    tenant: str
    sku: str
    available: int
    low_stock: int
    low_said: bool

    def less(self, taken: int) -> "Stock":
        """The stock after serials were taken."""
        return replace(self, available=self.available - taken)

    def said(self) -> "Stock":
        """The stock after whatever was to be said of it was said."""
        return replace(self, low_said=self.available <= self.low_stock)

    @property
    def falls_low(self) -> bool:
        """Whether it is to be said that little is left: once, until there is more again."""
        return self.available <= self.low_stock and not self.low_said


def wishes(units: Iterable[Unit]) -> list[tuple[Unit, ...]]:
    """Who gets one key together, in the order of payment: of a purchase, whoever has paid first has its place."""
    together: dict[tuple[str, UUID, UUID], list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.turn):
        together.setdefault(unit.wish, []).append(unit)
    return [tuple(sharing) for sharing in together.values()]


def handed_out(
    queue: Sequence[tuple[Unit, ...]], serials: Sequence[S]
) -> tuple[list[tuple[tuple[Unit, ...], S]], list[Unit]]:
    """Who gets which serial, in the order of the queue, and the units that get none."""
    left = [unit for sharing in queue[len(serials) :] for unit in sharing]
    return list(zip(queue, serials, strict=False)), left
