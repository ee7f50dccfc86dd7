"""A transaction that reads without a lock, and writes and tells in its last statement."""

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from chassis.config.clock import Clock
from chassis.db import Database
from chassis.db.outbox import EventTooLarge
from chassis_testing import databases
from chassis_testing.stack import Infrastructure
from contracts.event import Event
from contracts.wire import encode
from probe.__main__ import service
from probe.sending import some

VERSION = "select version from counted"
COUNT_UP = """
with held as (
  update counted
  set version = version + 1
  where version = $1
  returning version
), written as (
  insert into copies (version, note)
  select version, $2
  from held
  returning version
)
"""


@pytest.fixture(scope="module")
async def ground(infrastructure: Infrastructure) -> AsyncGenerator[Database]:
    """A database that nobody relays from: what was said stays to be seen."""
    async with databases.fresh(infrastructure.postgres, service) as url:
        connection = await asyncpg.connect(url)
        await connection.execute(f"alter database {urlsplit(url).path[1:]} set synchronous_commit = on")
        await connection.close()
        database = Database(url, "probe", Clock())
        await database.open()
        yield database
        await database.close()


@pytest.fixture
async def database(ground: Database) -> AsyncGenerator[Database]:
    async with ground.begin() as tx:
        await tx.execute("create table counted (version integer)")
        await tx.execute("create table copies (version integer, note text)")
        await tx.execute("insert into counted values (1)")
    yield ground
    async with ground.begin() as tx:
        await tx.execute("drop table counted, copies")
        await tx.execute("delete from chassis.outbox")


async def seen(database: Database) -> tuple[int, list[str], list[bytes]]:
    async with database.begin() as tx:
        copies = [row["note"] for row in await tx.fetch("select note from copies order by version")]
        said = await tx.fetch("select payload from chassis.outbox order by sequence")
        return await tx.value(VERSION), copies, [row["payload"] for row in said]


def payloads(*events: Event) -> list[bytes]:
    return [encode(event) for event in events]


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_what_is_finished_is_written_and_told_though_no_transaction_was_begun(database: Database, count: int):
    events, told = some(uuid4(), count), list[bool]()
    database.committed = lambda said, woken: told.append(said)
    async with database.begin() as tx:
        version = await tx.value(VERSION)
        tx.publish(*events)
        assert await tx.finish(COUNT_UP, version, "first")
        assert not tx.connection.is_in_transaction()
    database.committed = lambda said, woken: None
    assert told == [count > 0]
    assert await seen(database) == (2, ["first"], payloads(*events))


async def test_who_comes_too_late_writes_and_tells_nothing_and_may_try_again(database: Database):
    late, again = some(uuid4(), 2)
    async with database.begin() as tx:
        version = await tx.value(VERSION)
        async with database.begin() as other:
            assert await other.finish(COUNT_UP, version, "first")
        tx.publish(late)
        assert not await tx.finish(COUNT_UP, version, "late")
        tx.publish(again)
        assert await tx.finish(COUNT_UP, version + 1, "again")
    assert await seen(database) == (3, ["first", "again"], payloads(again))


async def test_in_a_transaction_that_writes_it_takes_part(database: Database):
    events = some(uuid4(), 2)

    async def fail() -> None:
        async with database.begin() as tx:
            await tx.row("select version from counted for update")
            tx.publish(events[0])
            assert await tx.finish(COUNT_UP, 1, "undone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await seen(database) == (1, [], [])
    async with database.begin() as tx:
        tx.note("insert into copies values (0, $1)", "noted")
        tx.publish(events[1])
        assert await tx.finish(COUNT_UP, 1, "first")
        tx.publish(events[0])
    assert await seen(database) == (2, ["noted", "first"], payloads(events[1], events[0]))


async def test_nothing_is_written_or_told_after_the_end(database: Database):
    async def more(how: str) -> None:
        async with database.begin() as tx:
            assert await tx.finish(COUNT_UP, await tx.value(VERSION), "first")
            if how == "said":
                tx.publish(*some(uuid4(), 1))
            else:
                await tx.execute("insert into copies values (0, 'more')")

    for number, how in enumerate(["said", "written"]):
        with pytest.raises(RuntimeError, match="finished"):
            await more(how)
        assert await seen(database) == (2 + number, ["first"] * (1 + number), [])


AT_COMMIT = """
create function seen_at_commit() returns trigger language plpgsql as $$
begin
  update copies set note = current_setting('synchronous_commit');
  return null;
end $$;create constraint trigger seen after insert on copies deferrable initially deferred
  for each row execute function seen_at_commit();
"""


@pytest.mark.parametrize(("says", "locks"), [(0, False), (1, False), (0, True)])
async def test_only_what_tells_nothing_and_stands_alone_is_written_without_waiting_for_the_disk(
    database: Database, says: int, locks: bool
):
    async with database.begin() as tx:
        await tx.execute(AT_COMMIT)
    async with database.begin() as tx:
        if locks:
            await tx.begin()
        tx.publish(*some(uuid4(), says))
        assert await tx.finish(COUNT_UP, 1, "first", lightly=True)
    notes = (await seen(database))[1]
    async with database.begin() as tx:
        await tx.execute("drop function seen_at_commit cascade")
    assert notes == ["on" if says or locks else "off"]


async def test_an_event_that_is_too_large_is_refused_before_anything_is_written(database: Database):
    large = some(uuid4(), 1)[0].model_copy(update={"tenant": "t" * 900_001})

    async def say() -> None:
        async with database.begin() as tx:
            tx.publish(large)
            await tx.finish(COUNT_UP, 1, "first")

    with pytest.raises(EventTooLarge):
        await say()
    assert await seen(database) == (1, [], [])


async def test_of_two_concurrency_the_second_waits_and_is_too_late(database: Database):
    async with database.begin() as first:
        await first.begin()
        assert await first.finish(COUNT_UP, 1, "first")
        waiting = asyncio.create_task(_finished(database))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert not await waiting
    assert (await seen(database))[:2] == (2, ["first"])


async def _finished(database: Database) -> bool:
    async with database.begin() as tx:
        return await tx.finish(COUNT_UP, 1, "second")
