"""How much one alias and one conversation may send (MAIL-17)."""

from dataclasses import dataclass
from enum import StrEnum


class Limited(StrEnum):
    """Which limit is reached."""

    ALIAS_MINUTE = "alias per minute"
    CONVERSATION_HOUR = "conversation per hour"


@dataclass(frozen=True, slots=True)
class Limits:
    """The messages that are accepted from one alias in a minute, and in one conversation in an hour."""

    alias_per_minute: int = 10
    conversation_per_hour: int = 60


@dataclass(frozen=True, slots=True)
class Counts:
    """The messages accepted already: of the alias in the last 60 seconds, of the conversation in the last hour."""

    alias_last_minute: int
    conversation_last_hour: int


def reached(counts: Counts, limits: Limits) -> Limited | None:
    """Return the limit that one message more would break, None when it may come."""
    if counts.alias_last_minute >= limits.alias_per_minute:
        return Limited.ALIAS_MINUTE
    if counts.conversation_last_hour >= limits.conversation_per_hour:
        return Limited.CONVERSATION_HOUR
    return None
