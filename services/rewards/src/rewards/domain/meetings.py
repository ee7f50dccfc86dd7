"""What is said about meetings, and which word counts when it was said late, twice or by several (REW-2, L13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

HELD = "held"
LONGEST_SOURCE = 200
HIGHEST = 2**31 - 1
# what a column can hold in every time zone, and more than any meeting needs
YEARS = range(2000, 2200)
# how far the clocks of two machines may be apart
TOLERANCE = timedelta(minutes=5)


class MeetingImpossible(Exception):
    """No meeting can be like this: a time, number or name is out of every bound."""


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting that was held, as it counts for its host; `said_at` is when its source said so."""

    meeting: UUID
    source: str
    host: UUID
    started_at: datetime
    ended_at: datetime
    participants: int
    said_at: datetime

    @property
    def minutes(self) -> int:
        """Its full minutes."""
        return (self.ended_at - self.started_at) // timedelta(minutes=1)

    @property
    def over(self) -> bool:
        """Whether it had ended when its source called it held."""
        return self.ended_at <= self.said_at + TOLERANCE


@dataclass(frozen=True, slots=True)
class Report:
    """The last word of one source about one meeting."""

    status: str
    held: Held


def counted(reports: Iterable[Report]) -> Held | None:
    """The one account of a meeting that counts: the first source's, by name, of those that call it held (F-R01)."""
    held = [report.held for report in reports if report.status == HELD]
    return min(held, key=lambda one: one.source) if held else None


def check_plausible(source: str, revision: int, participants: int, *times: datetime) -> None:
    """Raise MeetingImpossible for what no source in its senses says."""
    named = 0 < len(source) <= LONGEST_SOURCE and "\x00" not in source
    numbered = 0 <= revision <= HIGHEST and 0 <= participants <= HIGHEST
    if not named or not numbered or any(time.year not in YEARS for time in times):
        raise MeetingImpossible
