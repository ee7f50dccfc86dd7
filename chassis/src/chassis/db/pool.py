"""A pool whose connections lie ready for the next one who needs any.

asyncpg's pool makes two tasks and a timer to lend a connection that it has, which costs as much as half a small query.
Here a connection that came back in order lies ready beside it. All else is asyncpg's: making connections, waiting for
one, and ending those that failed or were cancelled in the middle of a query.
"""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from chassis.db.connections import STUMBLES, Connection, DatabaseBusy, DatabaseGone, Lent, Pool, is_lost

READY_SECONDS = 60


@dataclass(slots=True)
class ReadyPool:
    """Lends connections of a pool of asyncpg's; the last that came back is lent first."""

    pool: Pool
    wait_seconds: float
    _ready: deque[tuple[Lent, float]] = field(default_factory=deque[tuple[Lent, float]])
    _waiting: int = 0
    _closing: bool = False

    async def acquire(self) -> Lent:
        """Return a connection. Raises TimeoutError where none is free within `wait_seconds`."""
        while self._ready:
            connection, _ = self._ready.pop()
            if not is_lost(connection):  # asyncpg has taken back one that was lost
                return connection
        self._waiting += 1
        try:
            return await self.pool.acquire(timeout=self.wait_seconds)
        finally:
            self._waiting -= 1

    async def release(self, connection: Lent, *, failed: bool) -> None:
        """Take a connection back; `failed` tells that an exception ended its use."""
        if failed or self._waiting or self._closing or is_lost(connection) or connection.is_in_transaction():
            await self.pool.release(connection)
            return
        now = time.monotonic()
        self._ready.append((connection, now))
        if self._ready[0][1] < now - READY_SECONDS:
            # not needed for a while: asyncpg closes it after another
            await self.pool.release(self._ready.popleft()[0])

    async def close(self) -> None:
        """Close the connections, those that are lent when they come back."""
        self._closing = True
        while self._ready:
            await self.pool.release(self._ready.pop()[0])
        await self.pool.close()


@dataclass(slots=True)
class Borrowed:
    """A pool's connection for the time of a block; a class, because a generator costs a request three times as much.

    Raises DatabaseBusy where none is free in time, DatabaseGone where it was lost within the block.
    """

    pool: ReadyPool | None
    connection: Any = None

    async def __aenter__(self) -> Connection:
        """Acquire the connection."""
        if self.pool is None:
            raise DatabaseBusy
        try:
            self.connection = await self.pool.acquire()
        except (TimeoutError, *STUMBLES) as error:
            raise DatabaseBusy from error
        return self.connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Give the connection back."""
        connection, self.connection = self.connection, None
        lost = isinstance(error, asyncpg.InterfaceError) and is_lost(connection)
        if self.pool is not None:
            await self.pool.release(connection, failed=error is not None)
        if lost:
            raise DatabaseGone from error
