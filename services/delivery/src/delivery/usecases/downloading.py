"""A download: started, accounted over all its connections, complete when every byte has arrived."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.db import Once, Read, Tx
from chassis.jobs import in_parts
from contracts.delivery import DownloadCompleted, DownloadStarted

from delivery.domain.account import Stretch
from delivery.domain.files import Content
from delivery.domain.grants import LinkUnknown
from delivery.domain.sessions import Address, Connection, EndedConnection, Progress, Proof, Session
from delivery.store import addresses, files, sessions, transfers
from delivery.usecases.granting import header
from delivery.usecases.tokens import hash_of


async def look(read: Read, secret: str) -> Address:
    """Return what a secret address stands for; raises LinkUnknown.

    Before anything is sent, `Address.check` says whether it may be: an expired link serves no further request (F-D12),
    a revoked one neither (F-D02).
    """
    return await _find(read, hash_of(secret))


async def try_start(
    once: Once, address: Address, stretch: Stretch, process_id: UUID, connections: int, proof: Proof
) -> Connection | None:
    """Record a connection that is about to send this stretch; the first one makes a download an attempt (E28).

    None where the download or its grant has changed since `look`, has connections of dead processes, or began with a
    file that was replaced: then `start_locked` decides. Raises TooManyConnections, and what `Address.check` raises.
    """
    if address.replaced or address.has_lost(process_id):
        return None
    return await _start(once, address, stretch, process_id, connections, proof)


async def start_locked(
    tx: Tx, address: Address, stretch: Stretch, process_id: UUID, connections: int, proof: Proof
) -> Connection:
    """Do what `try_start` does, behind a lock, and account for connections of dead processes.

    Where the file was replaced, the address stands for another download from now on: what was begun stays as it was.
    """
    session = address.session
    await sessions.lock_with_grant(tx, session)
    # with the file that was opened, even where it has been replaced meanwhile
    current = replace(await _find(tx, address.secret_hash), file=address.file)
    lost: Sequence[EndedConnection] = ()
    current.check(tx.now)
    if current.replaced:
        following = current.session.followed(tx.new_id())
        await sessions.follow(tx, current, following)
        current = replace(current, session=following)
    elif current.has_lost(process_id):
        lost = await transfers.take_lost(tx, session.order.tenant, current.session.id, process_id)
    connection = await _start(tx, current, stretch, process_id, connections, proof, lost)
    if connection is None:
        raise LinkUnknown
    return connection


async def try_end(read: Read, once: Once, connection: Connection, arrived_to: int, sent_to: int) -> bool:
    """Record how a connection has ended; the one that brings the last missing byte completes the download (E28).

    The peer acknowledged the bytes before `arrived_to`; those before `sent_to` were handed to it. False where the
    download has changed meanwhile: then `end_locked` records it.
    """
    session = await sessions.find(read, connection.tenant, connection.session_id)
    return session is None or await _end(once, session, connection, arrived_to, sent_to)


async def end_locked(tx: Tx, connection: Connection, arrived_to: int, sent_to: int) -> None:
    """Do what `try_end` does, behind a lock."""
    session = await sessions.lock(tx, connection.tenant, connection.session_id)
    if session is not None:
        await _end(tx, session, connection, arrived_to, sent_to)


async def watch(tx: Tx, limit: int, running: Sequence[Progress]) -> Sequence[UUID]:
    """Save how far a process's connections are, and name those to cut.

    Their grant is revoked (DEL-12), their file is retired for everybody (DEL-10), or their download has been served
    more than it may be.
    """
    return (await transfers.seen(tx, running))[:limit] if running else []


async def end_lost(tx: Tx, process_id: UUID) -> bool:
    """Account for connections that died with their process; true where there may be more."""
    found = await transfers.with_lost(tx, process_id)
    return await in_parts(tx, "end lost transfers", found, lambda some: _end_lost(tx, some, process_id), tuple) > 0


async def _end_lost(tx: Tx, found: Sequence[tuple[str, UUID]], process_id: UUID) -> None:
    for tenant, session_id in found:
        session = await sessions.lock(tx, tenant, session_id)
        if session is not None:
            lost = await transfers.take_lost(tx, tenant, session_id, process_id)
            await _save_end(tx, session, session.ended(tx.now, lost), None, aborted=True)


async def mark_damaged(tx: Tx, tenant: str, content: Content) -> None:
    """Serve this content no more until it is verified (F-D19), unless it was repaired since it was looked up."""
    await files.mark_damaged(tx, tenant, content)


async def _find(read: Read, secret_hash: bytes) -> Address:
    address = await addresses.find(read, secret_hash)
    if address is None:
        raise LinkUnknown
    return address


async def _start(
    by: Once | Tx,
    address: Address,
    stretch: Stretch,
    process_id: UUID,
    connections: int,
    proof: Proof,
    lost: Sequence[EndedConnection] = (),
) -> Connection | None:
    session, file = address.session, address.file
    address.check(by.now)
    address.check_room(connections)
    started = session.started(by.now, file, stretch[0], lost, proof)
    connection = Connection(session.order.tenant, session.id, by.new_id(), process_id, *stretch, file.sha256)
    publish: tuple[DownloadStarted, ...] = ()
    if session.started_at is None:
        publish = (DownloadStarted(**_facts(started), started_at=by.now),)
    return connection if await sessions.start(by, started, connection, publish) else None


async def _end(by: Once | Tx, session: Session, connection: Connection, arrived_to: int, sent_to: int) -> bool:
    ended = EndedConnection(connection.first, arrived_to, sent_to)
    return await _save_end(
        by, session, session.ended(by.now, [ended]), connection.id, aborted=arrived_to < connection.end
    )


async def _save_end(
    by: Once | Tx, before: Session, after: Session, connection_id: UUID | None, *, aborted: bool
) -> bool:
    publish: tuple[DownloadCompleted, ...] = ()
    if before.completed_at is None and after.completed_at is not None:
        size, completed_at = after.account.size, after.completed_at
        publish = (DownloadCompleted(**_facts(after), sha256=after.sha256, size=size, completed_at=completed_at),)
    return await sessions.end(by, after, connection_id, publish, aborted=aborted)


def _facts(session: Session) -> dict[str, Any]:
    """Return what every event of a download names."""
    return {
        **header(session.order),
        "line": session.line_id,
        "grant": session.grant_id,
        "session": session.id,
        "sku": session.sku,
        "file": session.file_id,
        "file_version": session.file_version,
    }
