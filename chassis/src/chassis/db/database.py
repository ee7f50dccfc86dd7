"""A service's own PostgreSQL: it opens transactions and commits them."""

import asyncio
from collections.abc import Callable, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg
from contracts.wire import Attributes

from chassis.config.clock import Clock
from chassis.db import audit, outbox
from chassis.db.connections import (
    STUMBLES,
    Connection,
    DatabaseBusy,
    DatabaseGone,
    OwnConnection,
    hang_up,
    is_lost,
    keep_session,
)
from chassis.db.once import Once
from chassis.db.pool import Borrowed, ReadyPool
from chassis.db.pooled_read import PooledRead
from chassis.db.skew import compare
from chassis.db.transaction import Tx
from chassis.identity.acting import current_act

if TYPE_CHECKING:
    from asyncpg.transaction import Transaction

# The database cancels a statement after the first; where it does not answer at all, we hang up after the second.
STATEMENT_SECONDS = 20
ANSWER_SECONDS = 25
WAIT_SECONDS = 2.0  # then a client is better told to come again
ROLLBACK_SECONDS = 5
CONNECT_SECONDS = 5


@dataclass(slots=True)
class Database:
    """A service's own PostgreSQL, with a pool for writing and one whose connections cannot write.

    A block waits `wait_seconds` for a free connection. `committed` is called after each commit with whether events were
    published and which triggers are to wake. `fault` is called at named points, so that tests can stop the world there.
    """

    dsn: str
    service: str
    clock: Clock
    connections: int = 10
    answer_seconds: float = ANSWER_SECONDS
    wait_seconds: float = WAIT_SECONDS
    committed: Callable[[bool, Set[object]], None] = lambda published, woken: None
    fault: Callable[[str], Any] = lambda point: None
    pool: ReadyPool | None = None
    read_only_pool: ReadyPool | None = None

    async def connect(self, **settings: str) -> OwnConnection:
        """Return a connection of its own, with these settings of PostgreSQL, for those that hold theirs."""
        try:
            return await asyncpg.connect(self.dsn, **self._options(**settings))
        except STUMBLES as error:
            raise DatabaseBusy from error

    async def open(self) -> None:
        """Open the pools, without insisting on the database being there yet."""
        self.pool = await self._pool()
        self.read_only_pool = await self._pool(default_transaction_read_only="on")

    async def close(self) -> None:
        """Close the pools."""
        for pool in (self.pool, self.read_only_pool):
            if pool is not None:
                await pool.close()

    def begin(self) -> "Block":
        """Begin a transaction on a pooled connection; it is committed when the block ends well."""
        return Block(self, Borrowed(self.pool))

    def transaction(self, connection: Connection, cause: Attributes | None = None, *, effects: bool = True) -> "Block":
        """Begin a transaction on this connection; it is committed when the block ends well."""
        return Block(self, Own(connection), cause, effects)

    def read(self) -> PooledRead:
        """Return what reads outside any transaction."""
        return PooledRead(self.read_only_pool, self.clock)

    def once(self) -> Once:
        """Return what writes by single statements."""
        return Once(self.pool, self.clock, self.committed)

    async def _pool(self, **settings: str) -> ReadyPool:
        # none is given up after so many queries, for what was claimed on it would end; idle ones outlive a claim
        pool = await asyncpg.create_pool(
            self.dsn,
            min_size=0,
            max_size=self.connections,
            max_queries=2**63,
            reset=keep_session,
            **self._options(**settings),
        )
        return ReadyPool(pool, self.wait_seconds)

    def _options(self, **settings: str) -> dict[str, Any]:
        return {
            "timeout": max(CONNECT_SECONDS, self.wait_seconds),
            "command_timeout": self.answer_seconds,
            "statement_cache_size": 512,
            "server_settings": {
                "application_name": self.service,
                "jit": "off",
                # as on a disk without heads: else some rows of a table of thousands are not looked up, it is read whole
                "random_page_cost": "1.1",
                "timezone": "UTC",
                "lock_timeout": "5s",
                "statement_timeout": f"{STATEMENT_SECONDS}s",
                "idle_in_transaction_session_timeout": "30s",
                **settings,
            },
        }


@dataclass(frozen=True, slots=True)
class Own:
    """A connection that its holder keeps, for the time of a block."""

    connection: Connection

    async def __aenter__(self) -> Connection:
        """Return the connection."""
        return self.connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Raise DatabaseGone where it was lost."""
        if isinstance(error, asyncpg.InterfaceError) and is_lost(self.connection):
            raise DatabaseGone from error


@dataclass(slots=True)
class Block:
    """The block of a transaction; a class, because a generator costs a request three times as much."""

    database: Database
    source: AbstractAsyncContextManager[Connection]
    cause: Attributes | None = None
    effects: bool = True
    tx: Tx = field(init=False)
    _transaction: "Transaction" = field(init=False)

    async def __aenter__(self) -> Tx:
        """Begin the transaction."""
        connection = await self.source.__aenter__()
        try:
            if not self.database.clock.follows:
                # the first transaction may come before anybody has compared the clocks
                await compare(connection, self.database.clock)
            self._transaction = connection.transaction()
            await self._transaction.start()
        except BaseException as error:
            await self.source.__aexit__(type(error), error, None)
            raise
        self.tx = Tx(connection, self.database.clock.now(), self.cause, self.effects, current_act())
        return self.tx

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Commit, or roll back after an exception."""
        try:
            if error is None:
                await self._commit()
            else:
                await self._roll_back()
        except BaseException as failure:
            await self.source.__aexit__(type(failure), failure, None)
            raise
        await self.source.__aexit__(None if error is None else type(error), error, None)

    async def _commit(self) -> None:
        tx, database = self.tx, self.database
        try:
            if tx.outgoing:
                await outbox.write(tx.connection, tx.outgoing, tx.now)
                database.fault("transaction:published")
            # last, for other acts wait from here to the commit
            if tx.act is not None and await audit.record(tx.connection, tx.act, tx.entries, tx.now):
                database.fault("transaction:audited")
        except BaseException:
            await self._roll_back()
            raise
        await self._transaction.commit()
        if tx.act is not None:
            tx.act.read_for.update(entry.opens for entry in tx.entries)
        if tx.outgoing:
            database.fault("transaction:committed")
        database.committed(bool(tx.outgoing), tx.woken)

    async def _roll_back(self) -> None:
        # a database that has stopped answering does not answer the rollback either
        guard = asyncio.get_running_loop().call_later(ROLLBACK_SECONDS, hang_up, self.tx.connection)
        try:
            await self._transaction.rollback()
        finally:
            guard.cancel()
