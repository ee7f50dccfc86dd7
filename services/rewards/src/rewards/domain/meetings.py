"""Reports of meetings, and which counts where they come late, twice or from several sources (REW-2, L13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

HELD = "held"
# how far the clocks of two machines may be apart
TOLERANCE = timedelta(minutes=5)


class SourceUnknown(Exception):
    """No such source of meetings is named in the settings, or not for whoever reports this one."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as it counts for its host; `reported_at` is when its source reported it."""

    id: UUID
    source: str
    host_id: UUID
    started_at: datetime
    ended_at: datetime
    participants: int
    reported_at: datetime

    @property
    def minutes(self) -> int:
        """Return its full minutes."""
        return (self.ended_at - self.started_at) // timedelta(minutes=1)

    @property
    def over(self) -> bool:
        """Return whether it had ended when its source called it held."""
        return self.ended_at <= self.reported_at + TOLERANCE


@dataclass(frozen=True, slots=True)
class Report:
    """The latest report of one source about one meeting."""

    status: str
    meeting: Meeting


def counted(reports: Iterable[Report]) -> Meeting | None:
    """Return the one report of a meeting that counts: the first source's, by name, that calls it held (F-R01)."""
    held = [report.meeting for report in reports if report.status == HELD]
    return min(held, key=lambda meeting: meeting.source, default=None)


def check_source(sources: Mapping[str, Sequence[str]], source: str, reporter: str) -> None:
    """Raise SourceUnknown unless this source is named with who reports for it; where none is named, all are known."""
    if sources and reporter not in sources.get(source, ()):
        raise SourceUnknown
