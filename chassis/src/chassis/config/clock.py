"""The clock of a service."""

import math
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

LOOK_AGAIN_SECONDS = 0.05
FARTHEST_SECONDS = 200 * 365 * 86_400.0


class Clock:
    """Real time plus a forward-only shift in seconds, which the local stack writes to a file.

    A file that is missing, malformed or asks to go back leaves the last good shift as it is.
    """

    def __init__(self, shift_file: Path | None = None) -> None:
        self._file = shift_file
        self._shift = timedelta()
        self._seen: tuple[int, int, int] | None = None
        self._look_at = 0.0

    def now(self) -> datetime:
        """Return the aware UTC time; a new shift is seen within 50 milliseconds."""
        if self._file is not None and time.monotonic() >= self._look_at:
            self._look(self._file)
        return datetime.now(UTC) + self._shift

    def elapsed(self) -> float:
        """Return seconds that only grow, the shift included, for measuring the age of a cache."""
        self.now()
        return time.monotonic() + self._shift.total_seconds()

    def fresh(self) -> datetime:
        """Return the time with the file read anew, for a comparison with the time of another process."""
        self._look_at = 0.0
        return self.now()

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
