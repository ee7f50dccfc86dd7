"""What a mail server may answer, and what follows from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=2)
HOLD = timedelta(seconds=5)
UNREADABLE_ADDRESS = 553
"""The code (RFC 5321: mailbox name not allowed) for an address that no server is asked about."""


class NotRetryable(Exception):
    """Only an e-mail that has bounced can be sent again."""


class EmailUnknown(Exception):
    """There is no such e-mail."""


class Verdict(StrEnum):
    """How an attempt ended: `refused` certainly did not reach the mailbox, `lost` may have."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    BOUNCED = "bounced"
    ERASED = "erased"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an attempt: the server's code and answer without addresses; the letter as kept, sealed."""

    verdict: Verdict
    code: int = 0
    answer: str = ""
    letter: str | None = None


def next_try(failures: int, first_failed_at: datetime, now: datetime) -> datetime | None:
    """When to try again after so many failures, twice as long each time; None after two days (F-M26)."""
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
    return now + pause if now < first_failed_at + GIVE_UP_AFTER else None
