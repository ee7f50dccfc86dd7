"""What a paid line is entitled to: its grant follows from recorded facts, in whatever order they arrived."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from delivery.domain.files import File, FileRetired
from delivery.domain.orders import Order

REFUNDED, STAFF = "refunded", "staff"


class LinkUnknown(Exception):
    """There is no such link."""


class LinkExpired(Exception):
    """This link has expired."""


class LinkUsedUp(Exception):
    """This link has been used as often as it may be."""


class LinkRevoked(Exception):
    """This link was taken back, because what it was bought for was refunded or the seller has withdrawn it."""


class LinkSuspended(Exception):
    """This link is suspended while the payment for what it was bought for is disputed, or a claim about it is open."""


class LineDiffers(Exception):
    """This line is known with another order or another article."""


class ContactBroken(Exception):
    """Nothing can be sealed to this contact key: it is no public half of an X25519 key."""


class GrantUsedUp(Exception):
    """All downloads of this grant are used, so that a new link would open nothing: allow more of them first."""


class GrantUnknown(Exception):
    """There is no such grant."""


class GrantDead(Exception):
    """This grant is revoked, suspended or expired: nothing can be sent or changed."""


class Verdict(Enum):
    """What follows for a line."""

    NOTHING = "nothing"
    WAIT = "wait for its time or its files"
    GRANT = "grant it"
    EXTEND = "publish its grant again, with more units"
    SHRINK = "its grant covers fewer units"
    REVOKE = "revoke its grant"


@dataclass(frozen=True, slots=True)
class Grant:
    """A line's right to downloads, with its link.

    The link is known by the hash of its secret, and by the secret itself, sealed to the customer (a box as text); a
    link sent anew has the next number. `reason` says why the grant is revoked, if it is. `version` grows with each
    change and each download. It is `suspended` while its order is disputed or claimed about.
    """

    id: UUID
    line_id: UUID
    sku: str
    unit_ids: frozenset[UUID]
    token_hash: bytes
    sealed_token: str
    granted_at: datetime
    valid_until: datetime
    download_limit: int
    link_number: int = 1
    revoked_at: datetime | None = None
    reason: str | None = None
    version: int = 0
    suspended: bool = False

    def check(self, now: datetime) -> None:
        """Raise LinkRevoked, LinkExpired or LinkSuspended where the link opens nothing."""
        check_link(self.valid_until, self.revoked_at, now, suspended=self.suspended)

    def check_opens(self, uses: "Sequence[FileUse]", now: datetime) -> None:
        """Raise GrantDead, FileRetired or GrantUsedUp where its link opens nothing: no letter tells of such a link."""
        try:
            self.check(now)
        except (LinkRevoked, LinkExpired, LinkSuspended):
            raise GrantDead from None
        if not uses:
            raise FileRetired
        if not self.opens(uses):
            raise GrantUsedUp

    def opens(self, uses: "Sequence[FileUse]") -> bool:
        """Return whether a download of one of its files is left."""
        return any(use.left(self.download_limit) for use in uses)

    def revoked(self, now: datetime, reason: str) -> "Grant":
        """Return it revoked for this reason, from now on or from when it already was."""
        return replace(self, revoked_at=self.revoked_at or now, reason=reason)


@dataclass(frozen=True, slots=True)
class Line:
    """All that is known of a paid line: `live` units are paid and not refunded.

    `waiting` lines are those that the clock looks after.
    """

    order: Order
    id: UUID
    sku: str
    name: str
    live: frozenset[UUID]
    not_before: datetime
    files: Sequence[File]
    link_validity_days: int
    download_limit: int
    waiting: bool
    grant: Grant | None = None

    def verdict(self, now: datetime) -> Verdict:
        """Return what follows; the same facts give the same end, however they came (DEL-2, F-D04)."""
        if self.grant is None:
            due = self.live and self.not_before <= now and self.files
            return Verdict.GRANT if due else Verdict.WAIT if self.live else Verdict.NOTHING
        if self.grant.reason == STAFF:
            return Verdict.NOTHING
        if not self.live:
            return Verdict.NOTHING if self.grant.revoked_at is not None else Verdict.REVOKE
        if self.live - self.grant.unit_ids or self.grant.revoked_at is not None:
            return Verdict.EXTEND if self.files else Verdict.WAIT
        return Verdict.NOTHING if self.live == self.grant.unit_ids else Verdict.SHRINK

    def granted(self, now: datetime, grant_id: UUID, token_hash: bytes, sealed_token: str) -> Grant:
        """Return the grant that it gets now, with this secret."""
        until = valid_until(now, self.link_validity_days)
        return Grant(grant_id, self.id, self.sku, self.live, token_hash, sealed_token, now, until, self.download_limit)

    def changed(self, grant: Grant, verdict: Verdict, now: datetime, uses: "Sequence[FileUse]" = ()) -> Grant:
        """Return its grant extended, shrunk or revoked, as the verdict is.

        Who has paid for more finds something behind the link: where `uses` leave nothing of a file, as many downloads
        are added as an article has.
        """
        if verdict is Verdict.REVOKE:
            return grant.revoked(now, REFUNDED)
        if verdict is Verdict.EXTEND:
            until, limit = valid_until(now, self.link_validity_days, grant.valid_until), grant.download_limit
            if not all(use.left(limit) for use in uses):
                limit = max(use.used for use in uses) + self.download_limit
            return replace(
                grant, unit_ids=self.live, valid_until=until, download_limit=limit, revoked_at=None, reason=None
            )
        return replace(grant, unit_ids=self.live)


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file of a grant, and how many of its downloads are used.

    Not among them are those that the grant's link goes on with, of which `unfinished` is the next: a download that was
    reserved and not begun, or one that an earlier link has begun.
    """

    file: File
    used: int
    unfinished: UUID | None

    def left(self, limit: int) -> int:
        """Return how many downloads the link has left, of so many: for its page, its button and its letter alike."""
        return max(0, limit - self.used)


def check_link(valid_until: datetime, revoked_at: datetime | None, now: datetime, *, suspended: bool) -> None:
    """Raise LinkRevoked, LinkExpired or LinkSuspended; it lives until before `valid_until`, to the second (DEL-4)."""
    if revoked_at is not None:
        raise LinkRevoked
    if now >= valid_until:
        raise LinkExpired
    if suspended:
        raise LinkSuspended


def valid_until(now: datetime, days: int, before: datetime | None = None) -> datetime:
    """Return until when a link released now lives; one that lives longer already keeps its time (E9)."""
    end = now + timedelta(days=days)
    return end if before is None else max(end, before)
