"""A connection that came back in order is lent again at once; one that did not is lent to nobody."""

import asyncio
from collections.abc import AsyncGenerator

import asyncpg
import pytest
from chassis.db import Database, DatabaseBusy
from chassis_testing import Harness

WHO = "select pg_backend_pid()"


@pytest.fixture
async def database(probe: Harness) -> AsyncGenerator[Database]:
    database = Database(probe.database_url, "probe", probe.clock, connections=2)
    await database.open()
    yield database
    await database.close()


async def test_those_who_wait_get_the_connections_that_come_back(database: Database):
    read = database.read()
    who = await asyncio.gather(*(read.value(f"{WHO} from pg_sleep(0.02)") for _ in range(20)))
    assert len(set(who)) == 2
    assert await read.value(WHO) in who


@pytest.mark.parametrize(("seconds", "refused"), [(0.1, True), (30, False)])
async def test_who_finds_no_connection_waits_as_long_as_is_set(probe: Harness, seconds: float, *, refused: bool):
    database = Database(probe.database_url, "probe", probe.clock, connections=1, wait_seconds=seconds)
    await database.open()
    try:
        async with database.begin():
            asked = asyncio.create_task(database.once().value(WHO))
            await asyncio.wait([asked], timeout=2.5)  # longer than a request waits by default
            assert asked.done() is refused
        if refused:
            with pytest.raises(DatabaseBusy):
                await asked
        else:
            assert await asked
    finally:
        await database.close()


async def test_a_connection_whose_query_was_cancelled_or_failed_comes_back_in_order(database: Database):
    read = database.read()
    asked = [asyncio.create_task(read.value("select pg_sleep(30)")) for _ in range(2)]
    await asyncio.sleep(0.2)
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert await asyncio.gather(read.value("select 1"), read.value("select 2")) == [1, 2]
    for _ in range(2):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await read.value("select 1 / 0")
    assert await asyncio.gather(read.value("select 1"), read.value("select 2")) == [1, 2]


async def test_a_connection_that_was_lost_while_it_lay_ready_is_lent_to_nobody(database: Database, probe: Harness):
    read = database.read()
    who = set(await asyncio.gather(read.value(f"{WHO} from pg_sleep(0.1)"), read.value(f"{WHO} from pg_sleep(0.1)")))
    await probe.sql("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", list(who))
    await asyncio.sleep(0.1)
    assert await read.value(WHO) not in who


async def test_a_transaction_that_was_left_open_is_rolled_back(database: Database):
    assert database.pool is not None
    connection = await database.pool.acquire()
    await connection.execute("begin")
    await connection.execute("create table never (id integer)")
    await database.pool.release(connection, failed=False)
    assert await database.once().value("select to_regclass('never')") is None


async def test_connections_that_lie_ready_are_closed_at_the_end(database: Database, probe: Harness):
    who = await database.read().value(WHO)
    await database.close()
    assert not await probe.sql("select from pg_stat_activity where pid = $1", who)


async def test_a_connection_that_is_lent_when_the_pool_closes_is_closed_when_it_comes_back(database: Database):
    asked = asyncio.create_task(database.read().value("select 1 from pg_sleep(0.2)"))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await database.close()
    assert await asked == 1
