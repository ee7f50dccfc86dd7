"""Taking part in the programme: from when until when, where, and by which clock (L3, L7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

# names of the time zone database that belong to no region
NOWHERE = frozenset({"Factory", "localtime", "posixrules"})


class NotEnrolled(Exception):
    """You do not take part in the rewards programme yet."""


class TimeZoneUnknown(Exception):
    """The time zone is not a name of the IANA time zone database, such as Europe/Berlin."""


class AccountErased(Exception):
    """This account has been erased and cannot take part any more."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One stretch of time in which a customer takes part; `left_at` is None while it lasts."""

    enrolled_at: datetime
    left_at: datetime | None
    market: str
    language: str
    time_zone: str

    def covers(self, at: datetime) -> bool:
        """Return whether something that began at this moment counts."""
        return self.enrolled_at <= at and (self.left_at is None or at < self.left_at)


def in_force(enrolments: Iterable[Enrolment], at: datetime) -> Enrolment | None:
    """Return the enrolment that covers a moment."""
    return next((enrolment for enrolment in enrolments if enrolment.covers(at)), None)


def check_time_zone(name: str) -> None:
    """Raise TimeZoneUnknown for what is no IANA name."""
    if name in NOWHERE or name not in available_timezones():
        raise TimeZoneUnknown
