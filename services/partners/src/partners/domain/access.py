"""What Kafka lets a partner do."""

from dataclasses import dataclass, field
from typing import Final

from partners.domain.partner import prefix_of

ACT_SECONDS: Final = 15.0
"""All that Kafka is asked for a partner is asked, and answered, within this time after the claim."""
LEASE_SECONDS: Final = ACT_SECONDS + 5
"""A claim is nobody else's for this long, so that two never give the same at once."""
PATIENCE_SECONDS: Final = 60.0
"""Whoever is put aside is tried again after this at the latest."""


@dataclass(frozen=True, slots=True)
class Access:
    """A partner as Kafka is to know it: as an open one, with a password where that changes; else not at all.

    `claim` is the number of this claim, and `since` the moment before it, by the clock that only goes on. `fault` says
    why Kafka cannot be given this.
    """

    partner: str
    version: int
    open: bool
    claim: int
    since: float
    secret: str | None = field(default=None, repr=False)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it; `fault` says why Kafka does not know it."""

    fault: str | None = None

    @property
    def failed(self) -> bool:
        """Whether Kafka does not know it."""
        return self.fault is not None

    @property
    def outcome(self) -> str:
        """What it is counted under."""
        return "put-aside" if self.failed else "done"


def user_of(partner: str, prefix: str = "") -> str:
    """Return by what name Kafka knows a partner, in an installation with a prefix of topics."""
    return f"{prefix}{prefix_of(partner)}"[:-1]


def topic_settings(retention_ms: int) -> dict[str, str]:
    """Return how a partner's topic is to be: by the brokers' clock, and compressed so that every client can read it.

    Not all clients know LZ4 and Zstandard, by which services send; the broker compresses anew.
    """
    by_the_brokers_clock = {"message.timestamp.type": "LogAppendTime"}
    return {"retention.ms": str(retention_ms), "compression.type": "gzip"} | by_the_brokers_clock
