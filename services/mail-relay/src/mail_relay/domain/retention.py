"""Retention: how long what people write is kept, by what it is kept for (MAIL-19)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# A year has begun elsewhere by then.
MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long contents and rows are kept.

    What belongs to an order is a business letter: so many calendar years after that in which it was received (HGB 257
    (1) 2, (4), (5)). What never became an order, and what was refused, is kept for so long. The index (who wrote when,
    and what became of it) names nobody, and is kept for so many calendar years.
    """

    letters_years: int
    first_contacts: timedelta
    refused: timedelta
    index_years: int

    def letters_before(self, now: datetime) -> datetime:
        """Return before when a letter was received whose time is over."""
        return _begin(now, self.letters_years)

    def index_before(self, now: datetime) -> datetime:
        """Return before when the last message of a conversation was received of which nothing is kept any more."""
        return _begin(now, self.index_years)


@dataclass(frozen=True, slots=True)
class Removal:
    """A content whose time is over: of a message or a refusal, or one that belongs to nothing."""

    tenant: str
    id: UUID
    conversation_id: UUID | None
    kind: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the store that is looked through for contents that belong to nothing and were stored before."""

    name: str
    before: datetime


def _begin(now: datetime, years: int) -> datetime:
    return now.replace(year=now.year - years, month=1, day=1, hour=0, minute=0, second=0, microsecond=0) - MARGIN
