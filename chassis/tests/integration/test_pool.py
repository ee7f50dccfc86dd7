"""The connections that requests share: no more than agreed, none in a state that the next one would find."""

import asyncio
from collections.abc import AsyncGenerator

import asyncpg
import pytest
from chassis.database import Database, DatabaseBusy
from chassis.outbox import Connection
from chassis.pool import Pool
from chassis.testing import Harness, until

from chassis import pool as pools


@pytest.fixture
async def database(probe: Harness) -> AsyncGenerator[Database]:
    database = Database(probe.database_url, "probe", probe.clock, connections=2)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def pool(database: Database) -> Pool:
    assert database.pool is not None
    return database.pool


async def test_the_one_used_last_is_used_next_and_no_more_are_opened_than_agreed(pool: Pool):
    first, second = await pool.acquire(2), await pool.acquire(2)
    with pytest.raises(TimeoutError):
        await pool.acquire(0.05)
    pool.release(second)
    pool.release(first)
    assert await pool.acquire(2) is first
    pool.release(first)


async def test_who_waits_gets_the_next_that_comes_back(pool: Pool):
    taken = [await pool.acquire(2), await pool.acquire(2)]
    waiting = asyncio.create_task(pool.acquire(2))
    await asyncio.sleep(0)
    pool.release(taken[1])
    assert await waiting is taken[1]
    for connection in taken:
        pool.release(connection)


async def test_what_was_left_in_a_transaction_or_lost_is_not_used_again(pool: Pool):
    unfinished, lost = await pool.acquire(2), await pool.acquire(2)
    await unfinished.execute("begin")
    lost.terminate()
    pool.release(unfinished)
    pool.release(lost)
    again = await pool.acquire(2), await pool.acquire(2)
    assert not {unfinished, lost}.intersection(again)
    assert unfinished.is_closed()
    for connection in again:
        assert await connection.fetchval("select 1") == 1
        pool.release(connection)


async def test_one_that_cannot_be_opened_leaves_its_place_free(pool: Pool):
    async def refuse() -> Connection:
        raise ConnectionRefusedError

    connect, pool.connect = pool.connect, refuse
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await pool.acquire(2)
    pool.connect = connect
    pool.release(await pool.acquire(2))


async def test_a_question_that_was_given_up_does_not_disturb_the_next(database: Database, pool: Pool):
    async def ask() -> None:
        async with database.begin() as tx:
            await tx.value("select count(*) from generate_series(1, 100000) a, generate_series(1, 1000000) b")

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with database.begin() as tx:
        assert await tx.value("select 1") == 1


async def test_those_that_nobody_needs_are_closed(pool: Pool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pools, "IDLE_SECONDS", 0.05)
    connection = await pool.acquire(2)
    pool.release(connection)
    await until(lambda: _closed(connection))
    assert not pool.idle
    pool.release(await pool.acquire(2))


async def _closed(connection: Connection) -> bool:
    return connection.is_closed()


async def test_a_closed_pool_gives_nothing_and_its_connections_are_gone(database: Database, pool: Pool):
    connection = await pool.acquire(2)
    pool.release(connection)
    await database.close()
    assert connection.is_closed()
    with pytest.raises(DatabaseBusy):
        async with database.begin():
            pass


async def test_a_transaction_that_has_ended_reaches_no_connection(database: Database):
    async with database.begin() as tx:
        assert await tx.value("select 1") == 1
    with pytest.raises(asyncpg.InterfaceError):
        await tx.value("select 1")
