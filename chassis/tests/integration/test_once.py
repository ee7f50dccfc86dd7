"""`Once` writes what was read without a lock, and publishes, by one statement, and only if the row is unchanged."""

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from chassis.config.clock import Clock
from chassis.db import Database
from chassis.db.outbox import EventTooLarge
from chassis.telemetry.traces import span
from chassis_testing import databases
from chassis_testing.stack import Infrastructure
from contracts.event import Event
from contracts.wire import encode
from probe.__main__ import service
from probe.sending import some

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
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
    """Give a database that nobody relays from, where what was published stays in the outbox."""
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
        await tx.execute("create table copies (version integer, note text not null)")
        await tx.execute("insert into counted values (1)")
    yield ground
    ground.committed = lambda published, woken: None
    async with ground.begin() as tx:
        await tx.execute("drop table counted, copies")
        await tx.execute("delete from chassis.outbox")


async def seen(database: Database) -> tuple[int, list[str], list[bytes]]:
    """Return the version, the copies' notes and the payloads in the outbox."""
    async with database.begin() as tx:
        copies = [row["note"] for row in await tx.fetch("select note from copies order by version")]
        outbox = await tx.fetch("select payload from chassis.outbox order by sequence")
        return await tx.value(VERSION), copies, [row["payload"] for row in outbox]


def payloads(*events: Event) -> list[bytes]:
    return [encode(event) for event in events]


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_it_writes_and_publishes_by_one_statement_and_tells_the_relay(database: Database, count: int):
    events, commits = some(uuid4(), count), list[bool]()
    database.committed = lambda published, woken: commits.append(published)
    version = await database.read().value(VERSION)
    assert await database.once().write(COUNT_UP, version, "first", publish=tuple(events))
    assert commits == [True] * (count > 0)
    assert await seen(database) == (2, ["first"], payloads(*events))


async def test_who_comes_too_late_writes_and_publishes_nothing_and_may_try_again(database: Database):
    commits = list[bool]()
    database.committed = lambda published, woken: commits.append(published)
    once = database.once()
    late, again = some(uuid4(), 2)
    version = await database.read().value(VERSION)
    assert await once.write(COUNT_UP, version, "first")
    assert not await once.write(COUNT_UP, version, "late", publish=(late,))
    assert not await once.write(COUNT_UP, version, "late", durable=False)
    assert not commits
    assert await seen(database) == (2, ["first"], [])
    assert await once.write(COUNT_UP, version + 1, "again", publish=(again,))
    assert await seen(database) == (3, ["first", "again"], payloads(again))


async def test_a_statement_that_fails_writes_and_publishes_nothing(database: Database):
    with pytest.raises(asyncpg.NotNullViolationError):
        await database.once().write(COUNT_UP, 1, None, publish=tuple(some(uuid4(), 2)))
    assert await seen(database) == (1, [], [])


async def test_what_it_publishes_is_in_the_trace_of_the_current_span(database: Database):
    with span("test", traceparent=TRACE):
        assert await database.once().write(COUNT_UP, 1, "first", publish=tuple(some(uuid4(), 2)))
    rows = await database.read().fetch("select traceparent from chassis.outbox")
    assert [row["traceparent"].split("-")[1] for row in rows] == [TRACE.split("-")[1]] * 2


AT_COMMIT = """
create function seen_at_commit() returns trigger language plpgsql as $$
begin
  update copies set note = current_setting('synchronous_commit');
  return null;
end $$;create constraint trigger seen after insert on copies deferrable initially deferred
  for each row execute function seen_at_commit();
"""


@pytest.mark.parametrize(("count", "durable", "waits"), [(0, False, "off"), (0, True, "on"), (1, False, "on")])
async def test_only_what_publishes_nothing_and_need_not_be_durable_is_written_without_waiting_for_the_disk(
    database: Database, count: int, durable: bool, waits: str
):
    async with database.begin() as tx:
        await tx.execute(AT_COMMIT)
    assert await database.once().write(COUNT_UP, 1, "first", publish=tuple(some(uuid4(), count)), durable=durable)
    notes = (await seen(database))[1]
    async with database.begin() as tx:
        await tx.execute("drop function seen_at_commit cascade")
    assert notes == [waits]
    async with database.begin() as tx:
        assert await tx.value("select current_setting('synchronous_commit')") == "on", "for that statement alone"


async def test_an_event_that_is_too_large_is_refused_before_anything_is_written(database: Database):
    large = some(uuid4(), 1)[0].model_copy(update={"tenant": "t" * 900_001})
    with pytest.raises(EventTooLarge):
        await database.once().write(COUNT_UP, 1, "first", publish=(large,))
    assert await seen(database) == (1, [], [])


async def test_of_two_at_once_the_second_waits_and_is_too_late(database: Database):
    event = some(uuid4(), 1)[0]
    async with database.begin() as first:
        await first.execute("update counted set version = version + 1")
        waiting = asyncio.create_task(database.once().write(COUNT_UP, 1, "second", publish=(event,)))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert not await waiting
    assert await seen(database) == (2, [], [])
