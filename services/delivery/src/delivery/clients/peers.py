"""A reader's connection: bytes go to the kernel without copying, and count when the peer has acknowledged them.

aiohttp has sent the headers; from then on this module writes to the socket itself, so that it knows what was handed
over and, from the kernel, what was acknowledged. A slow reader costs three descriptors and no buffer. Over TLS the
transport encrypts (`tls_peers`).
"""

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
import termios
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, Self
from uuid import UUID, uuid4

import obstore
from obstore.store import ObjectStore

from delivery.domain.files import FileDamaged
from delivery.domain.sessions import Connection, Progress

SLICE_BYTES = 2**20
# what a disk usually reads ahead at once
PROBED_BYTES = 128 * 1024
READERS = ThreadPoolExecutor(8, "delivery reads")
RECORDING_SECONDS = 5
REMOTE_BYTES = 512 * 1024
LOOK_SECONDS = 1.0
RESET = struct.pack("ii", 1, 0)


class ReaderGone(Exception):
    """The reader has left, does not read any more, or was cut off."""


class SourceAway(Exception):
    """The store gives no more at the moment; it says why by the name of an error. The reader may resume later."""


class Source(Protocol):
    """Something that gives a connection its bytes."""

    async def give(self, fd: int, at: int, end: int) -> int | None:
        """Hand bytes from `at` on to a socket; return how many, None where it takes none at the moment."""
        ...

    async def read(self, at: int, end: int) -> bytes | memoryview:
        """Return bytes from `at` on, at least one, for whom they are encrypted."""
        ...

    def close(self) -> None:
        """Release what it reads from."""
        ...


@dataclass(slots=True)
class LocalSource:
    """A file of the local disk; what is before `read_until` has been found or brought into memory."""

    file: int
    read_until: int = 0

    async def give(self, fd: int, at: int, end: int) -> int | None:
        """Let the kernel copy from disk to socket; nobody else waits for a disk meanwhile."""
        stop = await self._ahead(at, end)
        try:
            given = os.sendfile(fd, self.file, at, stop - at)
        except BlockingIOError:
            self.read_until = at  # who knows when the reader takes more, and whether it is still in memory then
            return None
        if given == 0:
            raise FileDamaged
        await asyncio.sleep(0)
        return given

    async def read(self, at: int, end: int) -> bytes:
        """Read what is in memory, or is brought there."""
        await self._ahead(at, end)
        piece = os.pread(self.file, end - at, at)
        if not piece:
            raise FileDamaged
        return piece

    def close(self) -> None:
        """Close the file."""
        os.close(self.file)

    async def _ahead(self, at: int, end: int) -> int:
        """Bring the next slice into memory and return its end."""
        stop = min(at + SLICE_BYTES, end)
        if stop > self.read_until:
            first = max(at, self.read_until)
            if not in_memory(self.file, first, stop):
                await asyncio.get_running_loop().run_in_executor(READERS, os.pread, self.file, stop - first, first)
            self.read_until = stop
        return stop


@dataclass(slots=True)
class RemoteSource:
    """An object of a remote store, fetched in pieces as the reader takes them."""

    store: ObjectStore
    path: str
    piece: bytes = b""
    piece_at: int = -1

    async def give(self, fd: int, at: int, end: int) -> int | None:
        """Write from the piece at hand."""
        rest = await self.read(at, end)
        try:
            return os.write(fd, rest)
        except BlockingIOError:
            return None

    async def read(self, at: int, end: int) -> memoryview:
        """Return what is left of the piece at hand, fetching the next one where it is used up."""
        if not self.piece_at <= at < self.piece_at + len(self.piece):
            stop = min(at + REMOTE_BYTES, end)
            try:
                self.piece = bytes(await obstore.get_range_async(self.store, self.path, start=at, end=stop))
            except Exception as error:  # what it says may quote credentials
                raise SourceAway(type(error).__name__) from None
            self.piece_at = at
            if len(self.piece) != stop - at:
                raise FileDamaged
        return memoryview(self.piece)[at - self.piece_at :]

    def close(self) -> None:
        """Drop the piece at hand."""
        self.piece = b""


class Transfer:
    """The sending of one connection's share of a download."""

    __slots__ = ("_cut", "_moved", "_patience", "_waiting", "connection", "plug", "sent_to", "transport")

    def __init__(
        self,
        transport: asyncio.Transport,
        connection: Connection,
        patience_seconds: float,
    ) -> None:
        """Take a connection whose headers are sent; a peer that acknowledges nothing for so long is cut off."""
        self.connection = connection
        self.sent_to = connection.first
        self.transport = transport
        # A descriptor of our own: the kernel still tells what was acknowledged when the transport has closed its one.
        self.plug = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
        self._patience = patience_seconds
        self._moved = (0, time.monotonic())
        self._cut = False
        self._waiting: asyncio.Future[None] | None = None

    @property
    def arrived_to(self) -> int:
        """The first byte that the peer's kernel has not acknowledged."""
        return max(self.connection.first, self.sent_to - self.unacknowledged())

    @property
    def was_cut(self) -> bool:
        """Whether it was told to end; it may still wait for its source."""
        return self._cut

    async def run(self, source: Source) -> None:
        """Send the stretch and wait until all of it was acknowledged; raises ReaderGone."""
        # uvloop's transport writes what it was given when the turn ends, and does not count it before
        await asyncio.sleep(0)
        while self.transport.get_write_buffer_size():
            await self.pause(0.005, writable=False)
            self.look()
        while self.sent_to < self.connection.end:
            given = await self.give(source)
            if given is None:
                await self.pause(LOOK_SECONDS, writable=True)
                self.look()
            else:
                self.sent_to += given
                if self._cut:
                    raise ReaderGone
        pause = 0.0005
        while self.arrived_to < self.sent_to:
            self.look()
            await self.pause(pause, writable=False)
            pause = min(pause * 2, 0.25)

    def cut(self) -> None:
        """End this at once."""
        self._cut = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def close(self, *, reset: bool) -> None:
        """Release the connection; a reset takes away what the kernel has not sent yet."""
        if reset:
            with contextlib.suppress(OSError):
                self.plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.transport.abort()
        self.plug.close()

    def look(self) -> None:
        """Raise ReaderGone where nothing can or should be sent any more."""
        arrived, now = self.arrived_to, time.monotonic()
        if arrived != self._moved[0]:
            self._moved = (arrived, now)
        if self._cut or self.transport.is_closing() or now - self._moved[1] > self._patience:
            raise ReaderGone

    async def give(self, source: Source) -> int | None:
        """Let the source give bytes; return how many, None where the connection takes none at the moment."""
        return await source.give(self.plug.fileno(), self.sent_to, self.connection.end)

    def unacknowledged(self) -> int:
        """Return how many bytes the kernel holds that the peer's one has not acknowledged."""
        answer = fcntl.ioctl(self.plug.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        return struct.unpack("i", answer)[0]

    async def pause(self, seconds: float, *, writable: bool) -> None:
        """Wait so long, or until it is told to end or, if asked, the kernel takes more."""
        loop = asyncio.get_running_loop()
        self._waiting = waiting = loop.create_future()
        timer = loop.call_later(seconds, _settle, waiting)
        if writable:
            loop.add_writer(self.plug.fileno(), _settle, waiting)
        try:
            await waiting
        finally:
            timer.cancel()
            if writable:
                loop.remove_writer(self.plug.fileno())


def in_memory(file: int, first: int, end: int) -> bool:
    """Return whether the kernel has these bytes of a file in memory, as far as a byte of each piece tells.

    False, too, where the file system cannot say so without reading.
    """
    probe = [bytearray(1)]
    try:
        for at in (*range(first, end, PROBED_BYTES), end - 1):
            os.preadv(file, probe, at, os.RWF_NOWAIT)
    except OSError:
        return False
    return True


def _settle(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


@dataclass(slots=True)
class Transfers:
    """The transfers of this process."""

    process_id: UUID = field(default_factory=uuid4)
    open: dict[UUID, Transfer] = field(default_factory=dict[UUID, Transfer])
    # Where many readers leave at once, their accounts are written a few at a time: requests need connections, too.
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    recordings: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def __aenter__(self) -> Self:
        """Nothing to begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait until what is known of each is recorded, but not long for a database that is away."""
        if self.recordings:
            await asyncio.wait(self.recordings, timeout=RECORDING_SECONDS)

    def record(self, recording: Coroutine[Any, Any, None]) -> None:
        """Record how one has ended beside its reader, whose next request may follow."""
        task = asyncio.create_task(recording, name="delivery record the end of a transfer")
        self.recordings.add(task)
        task.add_done_callback(self.recordings.discard)

    def running(self) -> Sequence[Progress]:
        """Return how far each is that was not cut."""
        running = [(one.connection, one.arrived_to) for one in self.open.values() if not one.was_cut]
        return [(one.tenant, one.session_id, one.id, arrived_to) for one, arrived_to in running]

    def cut(self, transfer_id: UUID) -> None:
        """End a transfer at once, if it still runs."""
        if (one := self.open.get(transfer_id)) is not None:
            one.cut()
