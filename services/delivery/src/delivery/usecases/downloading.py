"""A download: begun, accounted over all its connections, complete when every byte has arrived."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database import Tx
from contracts.delivery import DownloadCompleted, DownloadStarted

from delivery.domain.account import Account, Stretch
from delivery.domain.files import Content, File, FileDamaged
from delivery.domain.grants import DownloadDone, LinkUnknown, SessionOver, TooManyConnections
from delivery.store import files, orders, sessions, transfers
from delivery.usecases.tokens import hash_of

Running = tuple[str, UUID, UUID, int]


@dataclass(frozen=True, slots=True)
class Found:
    """What a secret address stands for: a download, the file as it is now, and what is stored of it."""

    session: sessions.Session
    file: File
    content: Content

    @property
    def replaced(self) -> bool:
        """Whether the file is another than the one that this download began with."""
        return self.session.sha256 != self.file.sha256


@dataclass(frozen=True, slots=True)
class Ended:
    """How far a connection came: the peer acknowledged bytes before `arrived_to`, `sent_to` were handed to it."""

    transfer: UUID
    first: int
    end: int
    arrived_to: int
    sent_to: int
    sha256: str


async def look(tx: Tx, secret: str) -> Found:
    """What a secret address stands for; raises why it no longer stands for anything.

    An expired link serves no further request (F-D12), a revoked one neither (F-D02).
    """
    session = await sessions.by_secret(tx, hash_of(secret))
    if session is None:
        raise LinkUnknown
    _check(tx, session)
    found = await files.find(tx, session.tenant, session.file)
    if found is None:
        raise LinkUnknown
    file, content = found
    if content is None:
        raise FileDamaged
    return Found(session, file, content)


async def start(tx: Tx, found: Found, stretch: Stretch, transfer: UUID, process: UUID, connections: int) -> None:
    """A connection is about to send this stretch; the first one of a download makes it an attempt (E28)."""
    session = await sessions.lock_with_grant(tx, found.session.tenant, found.session.session)
    if session is None:
        raise LinkUnknown
    _check(tx, session)
    open_ = await transfers.open_of_grant(tx, session.tenant, session.grant.grant)
    if sum(one.counts for one in open_) >= connections:
        raise TooManyConnections
    account = session.account if session.sha256 == found.file.sha256 else Account(found.file.size)
    if any(one.unseen and one.session == session.session and one.process != process for one in open_):
        account = await _with_buried(tx, session, account, process)
    account = account.resumed(stretch[0])
    await sessions.start(tx, session, found.file, account, transfer, process, stretch)
    if session.started_at is None:
        header = await orders.header(tx, session.tenant, session.order)
        if header is not None:
            tx.say(
                DownloadStarted(
                    **header.story,
                    line=session.line,
                    grant=session.grant.grant,
                    session=session.session,
                    sku=session.sku,
                    file=session.file,
                    file_version=found.file.version,
                    started_at=tx.now,
                )
            )


async def end(tx: Tx, found: Found, ended: Ended) -> None:
    """A connection has ended; the one that brings the last missing byte makes the download complete (E28)."""
    session = await sessions.lock(tx, found.session.tenant, found.session.session)
    if session is None:
        return
    account = session.account
    if session.sha256 == ended.sha256:
        account = account.ended(ended.first, ended.arrived_to, ended.sent_to)
    sent = ended.sent_to - ended.first
    await _close(tx, session, ended.transfer, account, sent=sent, aborted=ended.arrived_to < ended.end)


async def watch(tx: Tx, at_most: int, running: Callable[[], Sequence[Running]]) -> Sequence[UUID]:
    """Keep how far this process's connections are, and name those to cut because their grant is revoked (DEL-12)."""
    now = running()
    return (await transfers.seen(tx, now))[:at_most] if now else []


async def bury_left_behind(tx: Tx, process: UUID) -> bool:
    """Account for connections that died with their process; true where there may be more."""
    left = await transfers.left_behind(tx, process)
    for tenant, key in left:
        session = await sessions.lock(tx, tenant, key)
        if session is not None:
            account = await _with_buried(tx, session, session.account, process)
            await _close(tx, session, process, account, sent=0, aborted=True)
    return bool(left)


async def mark_damaged(tx: Tx, tenant: str, content: Content) -> None:
    """Serve this content no more until it is verified (F-D19), unless it was repaired since it was looked up."""
    await files.mark_damaged(tx, tenant, content)


async def _with_buried(tx: Tx, session: sessions.Session, account: Account, process: UUID) -> Account:
    for left in await transfers.bury(tx, session.tenant, session.session, process):
        if left.sha256 == session.sha256 and left.end <= account.size:
            account = account.ended(left.first, left.arrived_to, left.end)
    return account


def _check(tx: Tx, session: sessions.Session) -> None:
    session.grant.check(tx.now)
    # A reader's kernel may have had all bytes when its program died: as much as the file may be fetched again.
    if session.completed_at is not None and session.repeated >= session.account.size:
        raise DownloadDone
    if tx.now >= session.expires_at:
        raise SessionOver


async def _close(
    tx: Tx, session: sessions.Session, transfer: UUID, account: Account, *, sent: int, aborted: bool
) -> None:
    repeated = sent if session.completed_at is not None else 0
    done = account.complete and session.completed_at is None
    completed_at = tx.now if done else session.completed_at
    await sessions.end(tx, session, transfer, account, completed_at, aborted=aborted, repeated=repeated)
    header = await orders.header(tx, session.tenant, session.order) if done else None
    if header is None:
        return
    tx.say(
        DownloadCompleted(
            **header.story,
            line=session.line,
            grant=session.grant.grant,
            session=session.session,
            sku=session.sku,
            file=session.file,
            file_version=session.file_version,
            sha256=session.sha256,
            size=account.size,
            completed_at=tx.now,
        )
    )


async def record_cut(tx: Tx, transfer: UUID, cut: None) -> None:
    """Nothing: the connection itself records how it ended."""
