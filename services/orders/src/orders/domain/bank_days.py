"""Days on which banks book transfers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BankDays:
    """The days on which a payment system is open, in the local time of a zone; it is closed at weekends."""

    zone: str
    is_holiday: Callable[[date], bool]

    def end(self, moment: datetime, count: int) -> datetime:
        """Return the end of the bank day that comes so many after the day of a moment.

        Where that is no bank day itself, it is counted from the next one (BGB 193).
        """
        local = ZoneInfo(self.zone)
        day = self._open(moment.astimezone(local).date())
        for _ in range(count):
            day = self._open(day + DAY)
        return datetime.combine(day + DAY, time(), local).astimezone(UTC)

    def _open(self, day: date) -> date:
        while day.weekday() >= 5 or self.is_holiday(day):
            day += DAY
        return day
