"""The database connections that requests share."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import asyncpg

from chassis.outbox import Connection

IDLE_SECONDS = 300.0
CLOSE_SECONDS = 10.0


@dataclass(slots=True)
class Pool:
    """At most `most` connections, opened when there is none to spare; those that nobody needs for long are closed.

    The one used last is used next. No session state is ever set, so there is nothing to reset when one comes back:
    what asyncpg's own pool does then, in a task with a timer of its own, costs a request as much as a short statement.
    """

    connect: Callable[[], Awaitable[Connection]]
    most: int
    turns: asyncio.Semaphore = field(init=False)
    idle: list[tuple[float, Connection]] = field(default_factory=list[tuple[float, Connection]])
    closed: bool = False
    _look: asyncio.TimerHandle | None = None
    _closing: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def __post_init__(self) -> None:
        self.turns = asyncio.Semaphore(self.most)

    async def acquire(self, seconds: float) -> Connection:
        """A connection that nobody else uses; raises TimeoutError where none can be had in time."""
        if self.closed:
            raise asyncpg.InterfaceError("the pool is closed")
        if self.idle and not self.turns.locked():
            await self.turns.acquire()  # without waiting, and so without a timer
            return await self._one(seconds)
        async with asyncio.timeout(seconds):
            await self.turns.acquire()
        return await self._one(seconds)

    def release(self, connection: Connection) -> None:
        """Take a connection back; one that is lost, or is still in a transaction, is not used again."""
        self.turns.release()
        if connection.is_closed():
            return
        if self.closed or connection.is_in_transaction():
            connection.terminate()
            return
        self.idle.append((time.monotonic(), connection))
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._close_unused)

    async def close(self) -> None:
        """Wait a while until all have come back, and close them; one that comes later is closed then."""
        if self.closed:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for _ in range(self.most):
                    await self.turns.acquire()
        self.closed = True
        if self._look is not None:
            self._look.cancel()
        self._close([connection for _, connection in self.idle])
        self.idle.clear()
        await asyncio.gather(*self._closing)

    async def _one(self, seconds: float) -> Connection:
        while self.idle:
            connection = self.idle.pop()[1]
            if not connection.is_closed():
                return connection
        try:
            async with asyncio.timeout(seconds):
                return await self.connect()
        except BaseException:
            self.turns.release()
            raise

    def _close_unused(self) -> None:
        since = time.monotonic() - IDLE_SECONDS
        self._close([connection for at, connection in self.idle if at <= since])
        self.idle = [(at, connection) for at, connection in self.idle if at > since]
        again = self.idle[0][0] - since if self.idle else None
        loop = asyncio.get_running_loop()
        self._look = loop.call_later(again, self._close_unused) if again is not None else None

    def _close(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            closing = asyncio.create_task(_end(connection))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


async def _end(connection: Connection) -> None:
    """Say goodbye; hang up where that is not heard."""
    try:
        await connection.close(timeout=CLOSE_SECONDS)
    except Exception:
        connection.terminate()
