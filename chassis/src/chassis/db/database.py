"""The database, which opens transactions and commits them."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import asyncpg
from contracts.wire import Attributes

from chassis.config.clock import Clock
from chassis.db import outbox
from chassis.db.connections import NOBODYS, STUMBLES, hang_up, is_lost, keep_session
from chassis.db.outbox import Connection, OwnConnection, Pool
from chassis.db.transaction import Begin, Tx

__all__ = ["Begin", "Database", "DatabaseBusy", "DatabaseGone", "Tx"]

# The database gives a statement up after the first; where it says nothing at all we hang up after the second.
STATEMENT_SECONDS = 20
ANSWER_SECONDS = 25
ACQUIRE_SECONDS = 2
ROLLBACK_SECONDS = 5


class DatabaseBusy(Exception):
    """No database connection is free; try again in a moment."""


class DatabaseGone(DatabaseBusy):
    """The connection was lost; what the transaction did is undone, or not known to be done."""


@dataclass(slots=True)
class Database:
    """A service's own PostgreSQL; `committed` is told after each commit what was said and who is to wake.

    `fault` is called at named points, so that tests can stop the world there.
    """

    dsn: str
    service: str
    clock: Clock
    connections: int = 10
    answer_seconds: float = ANSWER_SECONDS
    committed: Callable[[bool, set[str]], None] = lambda said, woken: None
    fault: Callable[[str], Any] = lambda point: None
    pool: Pool | None = None

    async def connect(self) -> OwnConnection:
        """A connection of its own, for those that hold theirs: consumer, relay, jobs."""
        try:
            return await asyncpg.connect(self.dsn, **self._options())
        except STUMBLES as error:
            raise DatabaseBusy from error

    async def open(self) -> None:
        """Open the pool, without insisting on the database being there yet."""
        # none is given up after so many queries, for what was claimed on it would end; idle ones outlive a claim
        self.pool = await asyncpg.create_pool(
            self.dsn, min_size=0, max_size=self.connections, max_queries=2**63, reset=keep_session, **self._options()
        )

    async def close(self) -> None:
        """Close the pool."""
        if self.pool is not None:
            await self.pool.close()

    def _options(self) -> dict[str, Any]:
        return {
            "timeout": 5,
            "command_timeout": self.answer_seconds,
            "statement_cache_size": 512,
            "server_settings": {
                "application_name": self.service,
                "jit": "off",
                "timezone": "UTC",
                "lock_timeout": "5s",
                "statement_timeout": f"{STATEMENT_SECONDS}s",
                "idle_in_transaction_session_timeout": "30s",
            },
        }

    def begin(self, *, alone: bool = False) -> AbstractAsyncContextManager[Tx]:
        """A transaction on a pooled connection, committed when the block ends well.

        An `alone` one writes by a single statement, which commits by itself.
        """
        return Block(self, Tx(NOBODYS, self.clock.now(), alone=alone), self.pool)

    def transaction(
        self, connection: Connection, cause: Attributes | None = None, *, effects: bool = True
    ) -> AbstractAsyncContextManager[Tx]:
        """A transaction on this connection; what was said is written in one statement before it commits."""
        return Block(self, Tx(connection, self.clock.now(), cause, effects))


@dataclass(slots=True)
class Block:
    """The block of a transaction: an object, for generators in its place cost a request three times as much."""

    database: Database
    tx: Tx
    pool: Pool | None = None

    async def __aenter__(self) -> Tx:
        if self.tx.connection is not NOBODYS:
            await self.tx.begin()
        elif self.pool is None:
            raise DatabaseBusy
        else:
            try:
                self.tx.connection = await self.pool.acquire(timeout=ACQUIRE_SECONDS)
            except (TimeoutError, *STUMBLES) as error:
                raise DatabaseBusy from error
            self.tx.now = self.database.clock.now()
        return self.tx

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            if error is None:
                await self._complete()
            else:
                await self._undo()
                if isinstance(error, asyncpg.InterfaceError):
                    raise error
        except asyncpg.InterfaceError as unsaid:
            if is_lost(self.tx.connection):
                raise DatabaseGone from unsaid
            raise
        finally:
            if self.pool is not None:
                connection: Any = self.tx.connection
                self.tx.connection = NOBODYS
                await self.pool.release(connection)

    async def _complete(self) -> None:
        tx, database = self.tx, self.database
        try:
            if tx.ends:
                await tx.end()
            if tx.noted:
                await tx.catch_up()
            if tx.said:
                await tx.begin()
                await outbox.write(tx.connection, tx.said, tx.now)
                database.fault("transaction:said")
        except BaseException:
            await self._undo()
            raise
        if tx.block is not None:
            await tx.block.commit()
        told = tx.told or bool(tx.said)
        if told:
            database.fault("transaction:committed")
        database.committed(told, tx.woken)

    async def _undo(self) -> None:
        if self.tx.block is None:
            return
        # a database that has stopped answering does not answer the rollback either
        guard = asyncio.get_running_loop().call_later(ROLLBACK_SECONDS, hang_up, self.tx.connection)
        try:
            await self.tx.block.rollback()
        finally:
            guard.cancel()
