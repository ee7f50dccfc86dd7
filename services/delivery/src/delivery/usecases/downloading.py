"""A download: begun, accounted over all its connections, complete when every byte has arrived."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.delivery import DownloadCompleted, DownloadStarted

from delivery.domain.account import Account, Stretch
from delivery.domain.files import Content, File, FileDamaged
from delivery.domain.grants import DownloadDone, LinkUnknown, SessionOver, TooManyConnections
from delivery.store import addresses, files, orders, sessions, transfers
from delivery.usecases.tokens import hash_of

Running = tuple[str, UUID, UUID, int]


@dataclass(frozen=True, slots=True)
class Found:
    """What a secret address stands for, and whose: the stored content is there and may be fetched."""

    address: addresses.Address
    secret_hash: bytes
    content: Content

    @property
    def tenant(self) -> str:
        """Whose the download is."""
        return self.address.session.tenant

    @property
    def file(self) -> File:
        """The file as it is now."""
        return self.address.file

    @property
    def replaced(self) -> bool:
        """Whether the file is another than the one that this download began with."""
        return self.address.session.sha256 != self.file.sha256


@dataclass(frozen=True, slots=True)
class Begun:
    """A connection that was recorded: it sends this stretch of the content with this hash."""

    tenant: str
    session: UUID
    transfer: UUID
    first: int
    end: int
    sha256: str


async def look(tx: Tx, secret: str) -> Found:
    """What a secret address stands for; raises why it no longer stands for anything.

    An expired link serves no further request (F-D12), a revoked one neither (F-D02).
    """
    secret_hash = hash_of(secret)
    address = await _look(tx, secret_hash)
    if address.content is None:
        raise FileDamaged
    return Found(address, secret_hash, address.content)


async def start(tx: Tx, found: Found, stretch: Stretch, process: UUID, connections: int) -> Begun:
    """A connection is about to send this stretch; the first one of a download makes it an attempt (E28).

    What was found is taken for what still is; who comes too late, or finds connections of the dead, locks and looks.
    """
    session = found.address.session
    begun = Begun(session.tenant, session.session, tx.new_id(), *stretch, found.file.sha256)
    dead = _dead(found.address, process)
    if not dead and await _start(tx, found.address, found.file, begun, process, connections):
        return begun
    await sessions.lock_with_grant(tx, session)
    if not await _start(tx, await _look(tx, found.secret_hash), found.file, begun, process, connections):
        raise LinkUnknown
    return begun


async def end(tx: Tx, begun: Begun, arrived_to: int, sent_to: int) -> None:
    """A connection has ended; the one that brings the last missing byte makes the download complete (E28).

    The peer acknowledged the bytes before `arrived_to`; those before `sent_to` were handed to it.
    """
    for read in (sessions.find, sessions.lock):
        session = await read(tx, begun.tenant, begun.session)
        if session is None:
            return
        account = session.account
        if session.sha256 == begun.sha256:
            account = account.ended(begun.first, arrived_to, sent_to)
        sent, aborted = sent_to - begun.first, arrived_to < begun.end
        if await _close(tx, session, begun.transfer, account, sent=sent, aborted=aborted):
            return


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


async def _look(tx: Tx, secret_hash: bytes) -> addresses.Address:
    address = await addresses.look(tx, secret_hash)
    if address is None:
        raise LinkUnknown
    _check(tx, address.session)
    return address


def _dead(address: addresses.Address, process: UUID) -> bool:
    """Whether a connection of this download seems to have died with another process."""
    session = address.session.session
    return any(one.unseen and one.session == session and one.process != process for one in address.open)


async def _start(tx: Tx, address: addresses.Address, file: File, begun: Begun, process: UUID, connections: int) -> bool:
    session = address.session
    _check(tx, session)
    if sum(one.counts for one in address.open) >= connections:
        raise TooManyConnections
    account = session.account if session.sha256 == file.sha256 else Account(file.size)
    if _dead(address, process):
        account = await _with_buried(tx, session, account, process)
    account = account.resumed(begun.first)
    if session.started_at is None and session.header is not None:
        tx.publish(
            DownloadStarted(
                **_named(session, session.header),
                file_version=file.version,
                started_at=tx.now,
            )
        )
    return await sessions.start(tx, session, file, account, begun.transfer, process, (begun.first, begun.end))


def _named(session: sessions.Session, header: orders.Header) -> dict[str, Any]:
    """What every event of a download names."""
    return {
        **header.story,
        "line": session.line,
        "grant": session.grant.grant,
        "session": session.session,
        "sku": session.sku,
        "file": session.file,
    }


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
) -> bool:
    repeated = sent if session.completed_at is not None else 0
    done = account.complete and session.completed_at is None
    completed_at = tx.now if done else session.completed_at
    if done and session.header is not None:
        tx.publish(
            DownloadCompleted(
                **_named(session, session.header),
                file_version=session.file_version,
                sha256=session.sha256,
                size=account.size,
                completed_at=tx.now,
            )
        )
    return await sessions.end(tx, session, transfer, account, completed_at, aborted=aborted, repeated=repeated)


async def record_cut(tx: Tx, transfer: UUID, cut: None) -> None:
    """Nothing: the connection itself records how it ended."""
