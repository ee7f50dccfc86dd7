"""Points as lots: each accrual is one, and every posting says from which lots it took (REW-6).

The balance is the sum of what the lots have left. A lot below zero is a debt: it exists only while no lot has
anything left, and the next accrual pays it first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

NEVER = datetime.max.replace(tzinfo=UTC)


class NotEnoughPoints(Exception):
    """The balance is too small for this reward."""

    def __init__(self, missing: int) -> None:
        super().__init__()
        self.facts = {"missing": missing}


@dataclass(frozen=True, slots=True)
class Lot:
    """What an accrual has left."""

    id: UUID
    remaining: int
    accrued_at: datetime
    expires_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Return whether its points can no longer be spent."""
        return self.expires_at is not None and self.expires_at <= now


Entries = Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Book:
    """A member's lots; each posting makes another book of it by its entries, whose sum is the posting's points."""

    by_id: Mapping[UUID, Lot]

    @classmethod
    def of(cls, lots: Iterable[Lot] = ()) -> "Book":
        """Return the book of these lots; those with nothing left may be missing."""
        return cls({lot.id: lot for lot in lots})

    @property
    def balance(self) -> int:
        """The sum of what the lots have left."""
        return sum(lot.remaining for lot in self.by_id.values())

    @property
    def lots(self) -> list[Lot]:
        """The lots, earliest expiry first."""
        return sorted(self.by_id.values(), key=lambda lot: (lot.expires_at or NEVER, lot.accrued_at, lot.id))

    def accrue(self, lot: Lot) -> "tuple[Book, Entries]":
        """Add a lot with all its points, and pay debts out of it, unless it comes too late to be spent."""
        entries = {lot.id: lot.remaining}
        late = lot.expired(lot.accrued_at)
        for debt in [known for known in self.lots if known.remaining < 0 and not late]:
            paid = min(entries[lot.id], -debt.remaining)
            entries[debt.id] = paid
            entries[lot.id] -= paid
        return self._known(lot)._post(entries)

    def redeem(self, points: int) -> "tuple[Book, Entries]":
        """Take points, earliest expiry first, never leaving a debt (F-R07); raises NotEnoughPoints."""
        if self.balance < points:
            raise NotEnoughPoints(points - self.balance)
        return self._post(self._taken(points))

    def give_back(self, taken: Entries, now: datetime) -> "tuple[Book, Entries]":
        """Give back to each lot what a redemption had taken of it, and pay debts out of what has not expired."""
        entries = {lot: -points for lot, points in taken.items()}
        book, _ = self._post(entries)
        for debt in [lot for lot in book.lots if lot.remaining < 0]:
            current = Book({lot.id: lot for lot in book.lots if not lot.expired(now)})
            paid = current._taken(-debt.remaining)
            changes = {**paid, debt.id: -sum(paid.values())}
            book, _ = book._post(changes)
            entries = {lot: entries.get(lot, 0) + changes.get(lot, 0) for lot in {**entries, **changes}}
        return book, {lot: points for lot, points in entries.items() if points}

    def expire(self, now: datetime) -> "tuple[Book, Entries]":
        """Take what is left of the lots that have expired (REW-7); a debt never expires."""
        due = [lot for lot in self.lots if lot.remaining > 0 and lot.expired(now)]
        return self._post({lot.id: -lot.remaining for lot in due})

    def reverse(self, lot: Lot, points: int, *, within_balance: bool) -> "tuple[Book, Entries, int]":
        """Take back the points of a lot, from itself, then from others; return those forgiven as well (F-R06).

        What is spent already becomes a debt of this lot, or is forgiven where reversals stay within the balance.
        """
        book = self._known(lot)
        own = min(points, max(0, book.by_id[lot.id].remaining))
        others = min(points - own, max(0, self.balance - own))
        spent = points - own - others
        entries = {**book._taken(others, aside=lot.id), lot.id: -own if within_balance else -own - spent}
        return *book._post(entries), spent if within_balance else 0

    def _known(self, lot: Lot) -> "Book":
        return Book({lot.id: replace(lot, remaining=0), **self.by_id})

    def _taken(self, points: int, aside: UUID | None = None) -> dict[UUID, int]:
        entries: dict[UUID, int] = {}
        for lot in self.lots:
            taken = min(points, max(0, lot.remaining))
            if taken and lot.id != aside:
                entries[lot.id] = -taken
                points -= taken
        return entries

    def _post(self, entries: Entries) -> "tuple[Book, Entries]":
        changed = {lot: points for lot, points in entries.items() if points}
        after = {
            lot: replace(self.by_id[lot], remaining=self.by_id[lot].remaining + points)
            for lot, points in changed.items()
        }
        return Book({**self.by_id, **after}), changed
