"""A `Tx` is in a transaction from its first statement to its commit; a `Read` is in none and cannot write."""

from collections.abc import AsyncGenerator, Set
from uuid import UUID, uuid4

import asyncpg
import pytest
from chassis.db import Database, Read, Tx
from chassis.db.outbox import EventTooLarge
from chassis_testing import Harness
from contracts.wire import encode
from probe import script
from probe.jobs import WOKEN
from probe.messaging import NOTE
from probe.seen import effects, held_up, settled_by_clock
from probe.sending import some
from probe.web import meeting

ADD = "insert into taken (id) values ($1)"
ADD_ALL = "insert into taken (id) select unnest($1::uuid[])"
COUNT = "select count(*) from taken"
LOCK = "select id from taken for update nowait"


@pytest.fixture
async def database(probe: Harness) -> AsyncGenerator[Database]:
    await probe.sql("create table taken (id uuid not null, position bigint generated always as identity)")
    database = Database(probe.database_url, "probe", probe.clock, connections=2)
    await database.open()
    yield database
    await database.close()
    await probe.sql("drop table taken")


def open_in(tx: Tx) -> bool:
    return tx.connection.is_in_transaction()


async def ids(read: Read) -> list[UUID]:
    return [row["id"] for row in await read.fetch("select id from taken order by position")]


@pytest.mark.parametrize(
    "sql",
    [
        "select id from taken for update",
        "select id from taken for no key update skip locked",
        "select id from taken for share",
        "SELECT ID FROM TAKEN FOR KEY SHARE",
        "select nextval(pg_get_serial_sequence('taken', 'position'))",
        "with gone as (delete from taken returning id) select count(*) from gone",
        "with new as (insert into taken values (gen_random_uuid()) returning id) select id from new",
        "with new as (update taken set id = gen_random_uuid() returning id) select id from new",
        "insert into taken values (gen_random_uuid())",
        "insert into taken values (gen_random_uuid()) returning id",
        "update taken set id = gen_random_uuid()",
        "delete from taken",
        "merge into taken using (select 1) as other on true when matched then delete",
        "truncate taken",
        "create table other ()",
    ],
)
@pytest.mark.parametrize("how", ["fetch", "row", "value"])
async def test_a_read_cannot_write_or_lock(database: Database, sql: str, how: str):
    id_ = uuid4()
    async with database.begin() as tx:
        await tx.execute(ADD, id_)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await getattr(database.read(), how)(sql)
    assert await ids(database.read()) == [id_]


async def test_a_read_reads(database: Database):
    id_, read = uuid4(), database.read()
    async with database.begin() as tx:
        await tx.execute(ADD, id_)
    assert [dict(row) for row in await read.fetch("select id from taken")] == [{"id": id_}]
    row = await read.row("select id from taken")
    assert row is not None
    assert row["id"] == id_
    assert await read.value("select id from taken") == id_
    assert await read.row("select id from taken where id = $1", uuid4()) is None
    assert await read.value("select id from taken where id = $1", uuid4()) is None


async def test_a_read_keeps_no_transaction_open_and_sees_what_others_commit_meanwhile(
    probe: Harness, database: Database
):
    idle = """
    select count(*)
    from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%' and query like '%taken%'
    """
    reads = [database.read() for _ in range(3)]  # more than there are connections: a read holds none
    assert [await read.value(COUNT) for read in reads] == [0, 0, 0]
    assert (await probe.sql(idle))[0][0] == 0
    async with database.begin() as tx:
        await tx.execute(ADD, uuid4())
    assert [await read.value(COUNT) for read in reads] == [1, 1, 1]


async def test_what_only_reads_takes_a_transaction_too_and_sees_what_it_has_written(database: Database):
    id_ = uuid4()
    async with database.begin() as tx:
        await tx.execute(ADD, id_)
        assert await ids(tx) == [id_]
        assert await ids(database.read()) == []


@pytest.mark.parametrize("how", ["execute", "value", "row", "fetch"])
async def test_a_tx_is_in_a_transaction_that_ends_with_the_block(database: Database, how: str):
    async def fail() -> None:
        async with database.begin() as tx:
            assert open_in(tx)
            assert await tx.value(COUNT) == 0
            await getattr(tx, how)(ADD, uuid4())
            assert await tx.value(COUNT) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await database.read().value(COUNT) == 0
    async with database.begin() as tx:
        await getattr(tx, how)(ADD, uuid4())
        assert await database.read().value(COUNT) == 0
    assert await database.read().value(COUNT) == 1


async def test_on_a_connection_of_its_own_a_tx_is_in_a_transaction_too(database: Database):
    connection = await database.connect()
    async with database.transaction(connection) as tx:
        assert open_in(tx)
        await tx.execute(ADD, uuid4())
    assert not connection.is_in_transaction()
    await connection.close()
    assert await database.read().value(COUNT) == 1


async def test_execute_counts_the_rows_it_touched(database: Database):
    async with database.begin() as tx:
        assert await tx.execute(ADD_ALL, [uuid4() for _ in range(3)]) == 3
        assert await tx.execute("delete from taken where id = $1", uuid4()) == 0
        assert await tx.execute("set local lock_timeout = '1s'") == 0


async def test_a_row_that_is_locked_stays_locked_until_the_block_ends(database: Database):
    async with database.begin() as tx:
        await tx.execute(ADD, uuid4())
    async with database.begin() as tx, database.begin() as other:
        await tx.fetch(LOCK)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await other.fetch(LOCK)


async def test_statements_take_effect_in_their_order(database: Database):
    first, second, third, moved = (uuid4() for _ in range(4))
    move = "update taken set id = $2 where id = $1"
    async with database.begin() as tx:
        await tx.execute(ADD_ALL, [first, second])
        assert await ids(tx) == [first, second]
        await tx.execute(ADD, third)
        assert await tx.execute(move, third, moved) == 1
        await tx.execute(ADD, third)
    assert await ids(database.read()) == [first, second, moved, third]


async def test_statements_commit_together_or_not_at_all(database: Database):
    async def attempt(*statements: list[UUID | None], end: Exception | None = None) -> None:
        async with database.begin() as tx:
            for given in statements:
                await tx.execute(ADD_ALL, given)
            if end is not None:
                raise end

    with pytest.raises(ZeroDivisionError):
        await attempt([uuid4()], [uuid4()], end=ZeroDivisionError())
    with pytest.raises(asyncpg.NotNullViolationError):
        await attempt([uuid4()], [uuid4(), None])
    assert await ids(database.read()) == []


async def test_a_part_that_fails_leaves_nothing_and_the_rest_is_committed(database: Database):
    first, third = uuid4(), uuid4()

    async def fail(tx: Tx) -> None:
        async with tx.part():
            tx.publish(meeting(uuid4(), uuid4()))
            tx.wake(WOKEN)
            await tx.execute(ADD, uuid4())
            await tx.value("select 'x'::integer from taken")

    async with database.begin() as tx:
        await tx.execute(ADD, first)
        tx.publish(meeting(uuid4(), first))
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await fail(tx)
        assert not tx.woken
        async with tx.part():
            tx.publish(meeting(uuid4(), third))
            await tx.execute(ADD, third)
        assert len(tx.outgoing) == 2
    assert await ids(database.read()) == [first, third]


async def test_a_statement_that_fails_parks_its_own_event_and_no_other(probe: Harness):
    innocent, guilty, gate, extra = (uuid4() for _ in range(4))
    bad, good = meeting(uuid4(), guilty), [meeting(uuid4(), innocent) for _ in range(4)]

    async def spoil(tx: Tx | None) -> None:
        assert tx is not None
        await tx.execute(NOTE, guilty, None, 0, True)

    async def add(tx: Tx | None) -> None:
        assert tx is not None
        await tx.execute(NOTE, innocent, extra, 0, True)

    script.always[good[0].meeting] = add
    script.planned[bad.meeting] = [spoil, spoil]  # once with its siblings, once alone
    async with held_up(probe, innocent, gate):
        await probe.publish(*good[:2], bad, *good[2:])
    await settled_by_clock(probe)
    assert await effects(probe, guilty) == [bad.meeting]
    assert await effects(probe, innocent) == [gate, extra, *(one.meeting for one in good)]


async def test_events_are_written_in_the_transaction_and_told_of_after_its_commit(probe: Harness, database: Database):
    events = some(uuid4(), 3)
    points: list[tuple[str, bool]] = []
    commits: list[tuple[bool, Set[object]]] = []
    database.committed = lambda published, woken: commits.append((published, woken))
    async with database.begin() as tx:
        database.fault = lambda point: points.append((point, open_in(tx)))
        await tx.value(COUNT)
        tx.publish(events[0])
        tx.publish(*events[1:])
        assert not commits
    assert points == [("transaction:published", True), ("transaction:committed", False)]
    assert commits == [(True, set())]
    rows = await probe.sql("select payload from chassis.outbox order by sequence")
    published = [row["payload"] for row in rows] or [record.value for record in probe.log["MeetingLogged"]]
    assert published[-3:] == [encode(event) for event in events]


async def test_what_is_undone_publishes_and_wakes_nothing(probe: Harness, database: Database):
    event, commits = some(uuid4(), 1)[0], list[bool]()
    database.committed = lambda published, woken: commits.append(published)

    async def fail() -> None:
        async with database.begin() as tx:
            tx.publish(event)
            tx.wake(WOKEN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert not commits
    assert not await probe.sql("select 1 from chassis.outbox where aggregateid = $1", event.record_key)


async def test_a_job_is_woken_after_the_commit_without_any_event(database: Database):
    commits: list[tuple[bool, Set[object]]] = []
    database.committed = lambda published, woken: commits.append((published, woken))
    async with database.begin() as tx:
        tx.wake(WOKEN)
        tx.wake(WOKEN)
        assert not commits
    assert commits == [(False, {WOKEN})]


async def test_an_event_that_is_too_large_is_refused_where_it_is_published(database: Database):
    large = some(uuid4(), 1)[0].model_copy(update={"tenant": "t" * 900_001})

    async def publish() -> None:
        async with database.begin() as tx:
            await tx.execute(ADD, uuid4())
            tx.publish(large)

    with pytest.raises(EventTooLarge):
        await publish()
    assert await database.read().value(COUNT) == 0
