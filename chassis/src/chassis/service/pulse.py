"""Which parts of a service live."""

import time
from dataclasses import dataclass, field

QUIET_SECONDS = 30.0


@dataclass(slots=True)
class Pulse:
    """When each part of the backbone last showed that it lives, and what has ended."""

    beats: dict[str, float] = field(default_factory=dict[str, float])
    ended: str = ""

    def beat(self, part: str) -> None:
        """Record that this part lives."""
        self.beats[part] = time.monotonic()

    @property
    def missing(self) -> list[str]:
        """The parts that are silent for more than 30 seconds or have ended."""
        silent = [part for part, at in self.beats.items() if time.monotonic() - at > QUIET_SECONDS]
        return silent + ([self.ended] if self.ended else [])
