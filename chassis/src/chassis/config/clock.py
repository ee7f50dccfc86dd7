"""The clock of a service."""

import math
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

LOOK_AGAIN_SECONDS = 0.05
SECOND = timedelta(seconds=1)
FARTHEST_SECONDS = 200 * 365 * 86_400.0
# a broker's clock is seen when something is sent to it; what was seen longer ago tells nothing
FRESH_SECONDS = 60.0


def machine_time() -> datetime:
    """Return what the machine takes for the time."""
    return datetime.now(UTC)


class Clock:
    """Real time plus a forward-only shift in seconds, which the local stack writes to a file.

    A file that is missing, malformed or asks to go back leaves the last good shift as it is. Real time is the machine's
    while it agrees with the database's (`follow`) to the second, else the database's: what a service stores to be done
    at a time would come an hour late where its machine was an hour ahead.
    """

    def __init__(self, shift_file: Path | None = None) -> None:
        self._file = shift_file
        self._shift = timedelta()
        self._seen: tuple[int, int, int] | None = None
        self._look_at = 0.0
        self._followed: tuple[datetime, float] | None = None
        self._stamped: tuple[datetime, float, float] | None = None

    @property
    def follows(self) -> bool:
        """Whether there is a clock that is followed."""
        return self._followed is not None

    @property
    def skew(self) -> float | None:
        """The seconds by which the machine's clock is ahead of the one that is followed; None without one."""
        return None if self._followed is None else (machine_time() - self._of_the_followed(*self._followed)) / SECOND

    def follow(self, shown: datetime, read_at: float) -> None:
        """Follow the clock that showed this time at a moment of the monotonic clock."""
        self._followed = shown, read_at

    @property
    def ahead_of_broker(self) -> float | None:
        """The seconds by which the machine's clock is ahead of the broker's; None where nothing was sent lately."""
        if self._stamped is None or time.monotonic() - self._stamped[1] > FRESH_SECONDS:
            return None
        stamped, seen_at, took = self._stamped
        ahead = (machine_time() - self._of_the_followed(stamped, seen_at)) / SECOND
        # when the broker looked at its clock is not known better than that
        return ahead if ahead < 0 else max(ahead - took, 0.0)

    def compare(self, stamped: datetime, sent_at: float) -> None:
        """Compare with the broker's clock, which showed this time between a moment of the monotonic clock and now."""
        now = time.monotonic()
        self._stamped = stamped, now, now - sent_at

    def now(self) -> datetime:
        """Return the aware UTC time; a new shift is seen within 50 milliseconds."""
        if self._file is not None and time.monotonic() >= self._look_at:
            self._look(self._file)
        return self._real() + self._shift

    def elapsed(self) -> float:
        """Return seconds that only grow, the shift included, for measuring the age of a cache."""
        self.now()
        return time.monotonic() + self._shift.total_seconds()

    def fresh(self) -> datetime:
        """Return the time with the file read anew, for a comparison with the time of another process."""
        self._look_at = 0.0
        return self.now()

    def _real(self) -> datetime:
        own = machine_time()
        if self._followed is None:
            return own
        followed = self._of_the_followed(*self._followed)
        return own if abs(own - followed) < SECOND else followed

    def _of_the_followed(self, then: datetime, read_at: float) -> datetime:
        return then + timedelta(seconds=time.monotonic() - read_at)

    def _look(self, file: Path) -> None:
        self._look_at = time.monotonic() + LOOK_AGAIN_SECONDS
        try:
            stat = os.stat(file)
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen == self._seen:
                return
            seconds = float(file.read_bytes())
        except (OSError, ValueError):
            return
        # Remembered only after a good read: a half-written file is looked at again although its time stays the same.
        self._seen = seen
        if math.isfinite(seconds) and seconds <= FARTHEST_SECONDS:
            self._shift = max(self._shift, timedelta(seconds=seconds))
