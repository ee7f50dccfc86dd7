"""One bad row of a sweep is put aside, and the rest goes on."""

from collections.abc import AsyncGenerator, Sequence
from uuid import uuid4

import asyncpg
import pytest
from chassis.db import Database, Tx
from chassis.jobs import in_parts
from chassis_testing import Harness

ADD = "insert into parted (id) values ($1)"


@pytest.fixture
async def database(probe: Harness) -> AsyncGenerator[Database]:
    await probe.sql("create table parted (id integer primary key check (id <> 13))")
    database = Database(probe.database_url, "probe", probe.clock, connections=2)
    await database.open()
    yield database
    await database.close()
    await probe.sql("drop table parted")


def same(row: int) -> int:
    return row


async def test_a_row_that_cannot_be_done_leaves_nothing_and_holds_up_no_other(database: Database, probe: Harness):
    job, tried = f"a job {uuid4()}", list[int]()

    async def add(tx: Tx, rows: Sequence[int]) -> None:
        for row in rows:
            tried.append(row)
            tx.wake(row)
            await tx.execute(ADD, row)

    async with database.begin() as tx:
        assert await in_parts(tx, job, [11, 12, 13, 14], lambda rows: add(tx, rows), same) == 3
        assert tx.woken == {11, 12, 14}
    assert [row["id"] for row in await probe.sql("select id from parted order by id")] == [11, 12, 14]
    tried.clear()
    async with database.begin() as tx:
        # it stays aside for a while, and is no reason to go on at once
        assert await in_parts(tx, job, [13], lambda rows: add(tx, rows), same) == 0
        assert await in_parts(tx, job, [13, 15], lambda rows: add(tx, rows), same) == 1
        assert await in_parts(tx, job, [], lambda rows: add(tx, rows), same) == 0
    assert tried == [15]


async def test_what_is_no_row_s_own_failure_is_raised(database: Database):
    async def wait(rows: Sequence[int]) -> None:
        del rows
        raise asyncpg.DeadlockDetectedError

    with pytest.raises(asyncpg.DeadlockDetectedError):
        async with database.begin() as tx:
            await in_parts(tx, f"a job {uuid4()}", [1, 2], wait, same)
