"""What Kafka lets a partner do."""

from dataclasses import dataclass, field

from partners.domain.partner import prefix_of


@dataclass(frozen=True, slots=True)
class Access:
    """A partner as Kafka is to know it: as an open one, with a password where that changes; else not at all."""

    partner: str
    version: int
    open: bool
    secret: str | None = field(default=None, repr=False)


def user_of(partner: str, prefix: str = "") -> str:
    """Return by what name Kafka knows a partner, in an installation with a prefix of topics."""
    return f"{prefix}{prefix_of(partner)}"[:-1]


def topic_settings(retention_ms: int) -> dict[str, str]:
    """Return how a partner's topic is to be: by the brokers' clock, and compressed so that every client can read it.

    Not all clients know LZ4 and Zstandard, by which services send; the broker compresses anew.
    """
    by_the_brokers_clock = {"message.timestamp.type": "LogAppendTime"}
    return {"retention.ms": str(retention_ms), "compression.type": "gzip"} | by_the_brokers_clock
