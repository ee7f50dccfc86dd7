"""A period of days, as a form's dates name it, both days included."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

USUAL: Final = timedelta(days=29)
# outside of them a day has no end, or no beginning in another zone
FIRST: Final = date(1970, 1, 1)
LAST: Final = date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of the first day to the end of the last."""

    first: date
    last: date

    def bounds(self, zone: ZoneInfo) -> tuple[str, str]:
        """Return the moments at which it begins and has ended (RFC 3339)."""
        since = datetime.combine(self.first, time(), zone)
        until = datetime.combine(self.last + timedelta(days=1), time(), zone)
        return since.isoformat(), until.isoformat()


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which moment on and before which one (RFC 3339); nothing where an end was not asked for."""

    since: str
    until: str


def bounds(since: str, until: str, zone: ZoneInfo) -> Bounds:
    """Return the moments at which days begin and end that were asked for; what is no date bounds nothing."""
    first, last = _day(since), _day(until)
    begins = datetime.combine(first, time(), zone).isoformat() if first else ""
    ends = datetime.combine(last + timedelta(days=1), time(), zone).isoformat() if last else ""
    return Bounds(begins, ends)


def period(since: str, until: str, today: date) -> Period:
    """Return the period that was asked for; what is no date is the last thirty days, and the ends are put in order."""
    last = _day(until) or today
    first = _day(since) or last - USUAL
    return Period(min(first, last), max(first, last))


def _day(text: str) -> date | None:
    try:
        return min(max(date.fromisoformat(text), FIRST), LAST)
    except ValueError:
        return None
