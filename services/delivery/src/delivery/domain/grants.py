"""What a paid line is entitled to: a grant follows from facts, in whatever order they were heard."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID


class LinkUnknown(Exception):
    """There is no such link."""


class LinkExpired(Exception):
    """This link has expired."""


class LinkUsedUp(Exception):
    """This link has been used as often as it may be."""


class LinkRevoked(Exception):
    """This link was taken back, because what it was bought for was refunded or the seller has withdrawn it."""


class SessionOver(Exception):
    """This address was good for 24 hours; start again from your link."""


class DownloadDone(Exception):
    """This download is complete; start again from your link."""


class TooManyConnections(Exception):
    """This link has as many connections open as it may have; wait until one has ended."""


class GrantUnknown(Exception):
    """There is no such grant."""


class GrantDead(Exception):
    """This grant is revoked or expired: nothing can be sent or changed."""


class Verdict(Enum):
    """What is to be done about a line."""

    NOTHING = "nothing"
    WAIT = "wait for its time or its files"
    GRANT = "grant it"
    SAY_AGAIN = "say its grant again, with more units"
    SHRINK = "its grant covers fewer units"
    REVOKE = "revoke its grant"


@dataclass(frozen=True, slots=True)
class Grant:
    """A line's link; `reason` says why it is revoked, if it is."""

    grant: UUID
    units: frozenset[UUID]
    valid_until: datetime
    revoked_at: datetime | None = None
    reason: str | None = None

    def check(self, now: datetime) -> None:
        """Raise where the link no longer opens anything; it lives until before `valid_until`, to the second (DEL-4)."""
        if self.revoked_at is not None:
            raise LinkRevoked
        if now >= self.valid_until:
            raise LinkExpired


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of a paid line: `live` units are paid and not taken back."""

    line: UUID
    live: frozenset[UUID]
    not_before: datetime
    has_files: bool
    grant: Grant | None = None

    def verdict(self, now: datetime) -> Verdict:
        """What follows; the same facts give the same end, however they came (DEL-2, F-D04)."""
        if self.grant is None:
            due = self.live and self.not_before <= now and self.has_files
            return Verdict.GRANT if due else Verdict.WAIT if self.live else Verdict.NOTHING
        if self.grant.reason == "staff":
            return Verdict.NOTHING
        if not self.live:
            return Verdict.NOTHING if self.grant.revoked_at is not None else Verdict.REVOKE
        if self.live - self.grant.units or self.grant.revoked_at is not None:
            return Verdict.SAY_AGAIN
        return Verdict.NOTHING if self.live == self.grant.units else Verdict.SHRINK


def valid_until(now: datetime, days: int, before: datetime | None = None) -> datetime:
    """Until when a link released now lives; one that lives longer already keeps its time (E9)."""
    end = now + timedelta(days=days)
    return end if before is None else max(end, before)
