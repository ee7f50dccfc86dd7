"""Downloads with all their resumes, and the connections that they are fetched over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

from delivery.domain.account import Account
from delivery.domain.files import Content, File, FileDamaged, FileRetired
from delivery.domain.grants import check_link
from delivery.domain.orders import Order

# How many times its file's size a download may be served: a reader's kernel may have had all when its program died.
MOST_SERVED = 2

# Tenant, session's id, transfer's id, and the first byte that the reader has not acknowledged.
Progress = tuple[str, UUID, UUID, int]


class SessionOver(Exception):
    """This address is no longer good; start again from your link."""


class DownloadDone(Exception):
    """This address has given as much as it may; start again from your link."""


class TooManyConnections(Exception):
    """This link has as many connections open as it may have; wait until one has ended."""


class Proof(Enum):
    """What it proves that bytes have arrived: the reader's side has acknowledged them, or a proxy before us has."""

    ACKNOWLEDGED = "acknowledged"
    PROXY = "proxy"

    def weaker(self, other: "Proof | None") -> "Proof":
        """Return the one of two that proves less."""
        return Proof.PROXY if Proof.PROXY in (self, other) else self


@dataclass(frozen=True, slots=True)
class Connection:
    """A recorded connection: it sends the bytes from `first` to before `end` of the content with this hash."""

    tenant: str
    session_id: UUID
    id: UUID
    process_id: UUID
    first: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EndedConnection:
    """A connection that has ended: the peer acknowledged the bytes before `arrived_to`, sent were those to `sent_to`.

    Of one whose process died all its bytes may have been sent.
    """

    first: int
    arrived_to: int
    sent_to: int


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """An open connection; one that was not seen for long is `unseen`, and later no longer `counts`.

    `served` are the bytes that its reader's kernel has acknowledged, as far as is known.
    """

    session_id: UUID
    process_id: UUID
    counts: bool
    unseen: bool
    served: int


@dataclass(frozen=True, slots=True)
class Session:
    """A download as it was read: `version` and `grant_version` tell whether it still is so.

    `valid_until`, `revoked_at` and `suspended` are its link's; `served` are the bytes that arrived, each as often as it
    did.
    """

    order: Order
    id: UUID
    version: int
    grant_id: UUID
    grant_version: int
    line_id: UUID
    sku: str
    file_id: UUID
    file_version: str
    sha256: str
    valid_until: datetime
    revoked_at: datetime | None
    suspended: bool
    expires_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    account: Account
    served: int
    proof: Proof | None

    def check(self, now: datetime, running: int = 0) -> None:
        """Raise why nothing can be fetched: LinkRevoked, LinkExpired, LinkSuspended, DownloadDone or SessionOver.

        `running` are the bytes that its open connections have served. Whether it is complete does not matter: who never
        takes the last byte is served no more than others.
        """
        check_link(self.valid_until, self.revoked_at, now, suspended=self.suspended)
        if self.served + running >= MOST_SERVED * self.account.size:
            raise DownloadDone
        if now >= self.expires_at:
            raise SessionOver

    def started(
        self, now: datetime, file: File, first: int, lost: Sequence[EndedConnection], proof: Proof
    ) -> "Session":
        """Return it with one more connection, from byte `first` on; the first one settles what file it is of.

        The whole download proves no more than this connection does.
        """
        before = self
        if self.started_at is None:
            before = replace(
                self, file_version=file.version, sha256=file.sha256, account=Account(file.size), started_at=now
            )
        account, served = _with(before.account, lost).resumed(first), before.served + _served(lost)
        return replace(before, account=account, served=served, proof=proof.weaker(before.proof))

    def followed(self, session_id: UUID) -> "Session":
        """Return the download, not begun, that the address stands for when the file was replaced; this one ends."""
        return replace(self, id=session_id, version=0, started_at=None, completed_at=None, served=0, proof=None)

    def ended(self, now: datetime, connections: Sequence[EndedConnection]) -> "Session":
        """Return it after these connections; the one that brings the last missing byte completes it (E28)."""
        account = _with(self.account, connections)
        completed_at = self.completed_at or (now if account.complete else None)
        return replace(self, account=account, completed_at=completed_at, served=self.served + _served(connections))


@dataclass(frozen=True, slots=True)
class Address:
    """What a secret address stands for: a download, the file as it is now, and what is stored of it, if that is sound.

    `open` are the connections that the download's grant has open, in all processes. A file that is `retired` is there
    for this link no more.
    """

    secret_hash: bytes
    session: Session
    file: File
    content: Content | None
    open: Sequence[OpenConnection]
    retired: bool

    @property
    def stored(self) -> Content:
        """What is stored; raises FileDamaged where that is damaged or gone."""
        if self.content is None:
            raise FileDamaged
        return self.content

    @property
    def replaced(self) -> bool:
        """Whether the file is another than the one that this download began with."""
        return self.session.started_at is not None and self.session.sha256 != self.file.sha256

    def has_lost(self, process_id: UUID) -> bool:
        """Return whether a connection of this download seems to have died with another process."""
        mine = [one for one in self.open if one.session_id == self.session.id]
        return any(one.unseen and one.process_id != process_id for one in mine)

    def check(self, now: datetime) -> None:
        """Raise why no more can be fetched, as `Session.check` does; a new file is not what a complete one was.

        Or FileRetired.
        """
        if self.retired:
            raise FileRetired
        if self.replaced and self.session.completed_at is not None:
            raise DownloadDone
        self.session.check(now, sum(one.served for one in self.open if one.session_id == self.session.id))

    def check_room(self, connections: int) -> None:
        """Raise TooManyConnections where the grant has so many open."""
        if sum(one.counts for one in self.open) >= connections:
            raise TooManyConnections


def _with(account: Account, connections: Iterable[EndedConnection]) -> Account:
    for one in connections:
        account = account.ended(one.first, one.arrived_to, one.sent_to)
    return account


def _served(connections: Iterable[EndedConnection]) -> int:
    return sum(one.arrived_to - one.first for one in connections)
