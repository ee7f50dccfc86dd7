"""When the database hears of a transaction."""

from collections.abc import AsyncGenerator
from functools import partial
from uuid import uuid4

import pytest
from chassis.db import Database, Tx
from chassis.db.looks import only_looks
from chassis_testing import Harness
from contracts.accounts import PrivacyChosen

ADD = """
insert into notes_taken (id)
values ($1)
"""
COUNT = """
with taken as (
  select id
  from notes_taken
)
select count(*)
from taken
"""


@pytest.fixture
async def database(probe: Harness) -> AsyncGenerator[Database]:
    await probe.sql("create table if not exists notes_taken (id uuid)")
    database = Database(probe.database_url, "probe", probe.clock, connections=2)
    await database.open()
    yield database
    await database.close()
    await probe.sql("drop table notes_taken")


def open_in(tx: Tx) -> bool:
    return tx.connection.is_in_transaction()


async def test_who_only_looks_opens_no_transaction(database: Database):
    async with database.begin() as tx:
        assert await tx.value(COUNT) == 0
        assert [row["id"] for row in await tx.fetch("select id from notes_taken")] == []
        assert await tx.row("select id from notes_taken") is None
        assert not open_in(tx)


@pytest.mark.parametrize("how", ["execute", "value", "row", "fetch", "many"])
async def test_who_writes_is_in_a_transaction_that_ends_with_the_block(database: Database, how: str):
    ids = [uuid4(), uuid4()]

    async def fail() -> None:
        async with database.begin() as tx:
            assert await tx.value(COUNT) == 0
            await (tx.many(ADD, [(ids[0],)]) if how == "many" else getattr(tx, how)(ADD, ids[0]))
            assert open_in(tx)
            assert await tx.value(COUNT) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.begin() as tx:
        assert await tx.value(COUNT) == 0
        await tx.execute(ADD, ids[1])
    async with database.begin() as tx:
        assert await tx.value(COUNT) == 1
        assert not open_in(tx)


async def test_what_is_said_after_a_look_is_said_in_a_transaction(probe: Harness, database: Database):
    said = PrivacyChosen.model_validate(PrivacyChosen.EXAMPLE).model_copy(update={"tenant": f"t-{uuid4()}"})
    points: list[tuple[str, bool]] = []
    async with database.begin() as tx:
        database.fault = lambda point: points.append((point, open_in(tx)))
        await tx.value(COUNT)
        tx.publish(said)
    assert points == [("transaction:said", True), ("transaction:committed", False)]


async def test_a_row_that_is_locked_stays_locked_until_the_block_ends(database: Database):
    async with database.begin() as tx:
        await tx.execute(ADD, uuid4())
    lock = "select id from notes_taken for update nowait"
    async with database.begin() as tx, database.begin() as other:
        await tx.fetch(lock)
        with pytest.raises(Exception, match="could not obtain lock"):
            await other.fetch(lock)


@pytest.mark.parametrize(
    "sql",
    [
        "select id from orders for update",
        "select id from orders for no key update skip locked",
        "select id from orders for share",
        "SELECT ID FROM ORDERS FOR KEY SHARE",
        "select nextval('order_numbers')",
        "select pg_advisory_xact_lock(1)",
        "select pg_notify('outbox', '')",
        "select set_config('a', 'b', true)",
        "select 1 into other",
        "with gone as (delete from orders returning id) select count(*) from gone",
        "with new as (insert into orders values (1) returning id) select id from new",
        "with new as (update orders set id = 1 returning id)\nselect id from new",
        "insert into orders values (1)",
        "update orders set id = 1",
        "delete from orders",
        "merge into orders using other on true when matched then do nothing",
        "lock table orders",
        "notify outbox",
        "call something()",
        "set local lock_timeout = 1",
        "truncate orders",
    ],
)
def test_what_writes_locks_or_may_is_no_mere_look(sql: str):
    assert not only_looks(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select updated_at, deleted_by, inserted, lock_until, shares from orders where locked_by is null",
        "\nwith page as (\n  select id\n  from orders\n)\nselect id\nfrom page\n",
        "Select now(), clock_timestamp(), count(*) from orders",
    ],
)
def test_a_look_is_known_by_its_words_and_not_by_parts_of_names(sql: str):
    assert only_looks(sql)


async def test_what_is_put_off_is_told_once_for_its_key_before_the_commit(database: Database):
    told: list[str] = []

    async def tell(tx: Tx, word: str) -> None:
        told.append(word)
        await tx.execute(ADD, uuid4())

    async with database.begin() as tx:
        for word in ("one", "one", "two"):
            tx.at_end(word, partial(tell, word=word))
        assert not told
    async with database.begin() as tx:
        assert await tx.value(COUNT) == len(told) == 2


async def test_what_is_put_off_may_be_about_all_that_asked(database: Database):
    class Roll(list[str]):
        async def __call__(self, tx: Tx) -> None:
            await tx.many(ADD, [(uuid4(),) for _ in self])

    async with database.begin() as tx:
        before = await tx.value(COUNT)
        for word in ("one", "two", "three"):
            tx.at_end("roll", Roll()).append(word)
    async with database.begin() as tx:
        assert await tx.value(COUNT) == before + 3


async def test_what_is_put_off_and_fails_undoes_the_rest(database: Database):
    async def fail(tx: Tx) -> None:
        raise ZeroDivisionError

    async def attempt() -> None:
        async with database.begin() as tx:
            await tx.execute(ADD, uuid4())
            tx.at_end("fail", fail)

    with pytest.raises(ZeroDivisionError):
        await attempt()
    async with database.begin() as tx:
        assert await tx.value(COUNT) == 0
