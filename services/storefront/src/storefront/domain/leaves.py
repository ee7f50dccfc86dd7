"""A long list in leaves: so many of it on each, all of it on all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
# leaves beside this one that are linked, and with them the first and the last
BESIDE: Final = 1


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """One leaf of a list: its items, which leaf it is of how many, and how many items there are on all of them."""

    items: Sequence[T]
    number: int
    last: int
    total: int

    @property
    def before(self) -> int | None:
        """The leaf before this one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The leaf after this one."""
        return self.number + 1 if self.number < self.last else None

    @property
    def linked(self) -> list[int | None]:
        """The leaves that are linked, in order: the first, the last, those beside this one; None where some are not."""
        near = range(self.number - BESIDE, self.number + BESIDE + 1)
        shown = sorted({1, self.last, *(one for one in near if 1 <= one <= self.last)})
        found: list[int | None] = []
        for one in shown:
            if found and found[-1] is not None and one > found[-1] + 1:
                # a gap of one leaf is no shorter than its number
                found.append(one - 1 if one == found[-1] + 2 else None)
            found.append(one)
        return found


def leaf(items: Sequence[T], number: int, size: int) -> Leaf[T] | None:
    """Return a leaf of a list, None where it has none of this number; an empty list has one empty leaf."""
    last = max(1, -(-len(items) // size))
    if not 1 <= number <= last:
        return None
    return Leaf(items[(number - 1) * size : number * size], number, last, len(items))
