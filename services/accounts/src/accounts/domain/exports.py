"""An export of all that is known of a customer: how long it is there, and when it is offered (GDPR 15, 20)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OWN = "accounts"
PER_DAY = 3
DAY = timedelta(days=1)
LIFETIME = timedelta(days=7)
# How long a service may take before the export is offered without its share.
PATIENCE = timedelta(hours=1)
# How long it is shown that there was one.
REMEMBERED = timedelta(days=90)


class ExportUnknown(Exception):
    """There is no such export."""


class ExportGone(Exception):
    """This export was kept for seven days and is deleted; ask for another."""


class ExportUnready(Exception):
    """Not every service has answered yet; come back in a moment."""


class TooManyExports(Exception):
    """So many exports have been asked for within a day that another has to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.facts = {"retry_after_seconds": seconds}


class ExportState(StrEnum):
    """How far an export is."""

    COLLECTING = "collecting"
    READY = "ready"
    INCOMPLETE = "incomplete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Progress:
    """Which services have to answer an export, and which have."""

    requested_at: datetime
    expires_at: datetime
    removed_at: datetime | None
    expected: Sequence[str]
    answered: Collection[str]

    @property
    def missing(self) -> list[str]:
        """The services that have not answered."""
        return [service for service in self.expected if service not in self.answered]

    def state(self, now: datetime) -> ExportState:
        """Return how far it is: without some shares it is offered once they have had their time."""
        if self.removed_at is not None or self.expires_at <= now:
            return ExportState.EXPIRED
        if not self.missing:
            return ExportState.READY
        return ExportState.INCOMPLETE if now >= self.requested_at + PATIENCE else ExportState.COLLECTING

    def check_offered(self, now: datetime) -> None:
        """Raise ExportGone or ExportUnready where there is nothing to fetch."""
        state = self.state(now)
        if state is ExportState.EXPIRED:
            raise ExportGone
        if state is ExportState.COLLECTING:
            raise ExportUnready


def seconds_to_wait(requested: Sequence[datetime], now: datetime) -> int:
    """Return how long the next export has to wait after those of a day, given newest first; 0 where it need not."""
    if len(requested) < PER_DAY:
        return 0
    return max(1, int((requested[PER_DAY - 1] + DAY - now).total_seconds()) + 1)
