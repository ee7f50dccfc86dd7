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

    @property
    def turn(self) -> tuple[datetime, int, UUID, int]:
        """Whoever has paid first is first."""
        return self.paid_at, self.paid_sequence, self.order_id, self.place


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


def handed_out(units: Iterable[Unit], serials: Sequence[S]) -> tuple[list[tuple[Unit, S]], list[Unit]]:
    """Who gets which serial, in the order of payment, and who gets none."""
    queue = sorted(units, key=lambda unit: unit.turn)
    return list(zip(queue, serials, strict=False)), queue[len(serials) :]
