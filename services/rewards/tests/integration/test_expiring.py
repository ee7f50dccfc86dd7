"""Points that expire while they are spent. REW-7"""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest
from chassis.config.clock import Clock
from chassis.db import Database
from chassis_testing import until
from chassis_testing.refusing import refusing
from rewards.usecases.expiring import expire_points

from services.rewards.tests.integration.conftest import BASKET, HOUR, Person, Stage

EXPIRE = """
update lots set expires_at = $2
where member_id = (select member_id from customers where id = $1)
"""
EXPIRED = """
select customers.id
from customers
join postings using (tenant, member_id)
where postings.kind = 'expiry'
  and customers.id = any($1)
"""
WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
LOCK_LOTS = "select from lots where member_id = (select member_id from customers where id = $1) for update"


@pytest.fixture
async def later(stage: Stage, tmp_path: Path) -> AsyncGenerator[Database]:
    """The service's database for somebody to whom it is ten days later."""
    clock = tmp_path / "clock"
    clock.write_text(str(10 * 86_400))
    database = Database(stage.home.database_url, "rewards", Clock(clock))
    await database.open()
    yield database
    await database.close()


async def expiring(stage: Stage) -> Person:
    """A member with the points of one basket, which expire in an hour."""
    member = await stage.member()
    await member.hold(30)
    await stage.home.sql(EXPIRE, member.id, stage.home.clock.now() + HOUR)
    return member


async def spending(stage: Stage, member: Person) -> asyncio.Task[tuple[int, dict[str, int]]]:
    """A redemption that has begun, and waits for whoever holds what it needs."""
    begun = asyncio.create_task(member.post("/redemptions", BASKET))

    async def waits() -> bool:
        return bool(await stage.home.sql(WAITING))

    await until(waits, what="a redemption to wait")
    return begun


async def test_F_R09_points_that_expire_first_cannot_be_spent(stage: Stage, later: Database):
    member = await expiring(stage)
    async with later.begin() as tx:
        assert await expire_points(tx)
        begun = await spending(stage, member)
    status, problem = await begun
    assert (status, problem["missing"]) == (409, 3000)
    assert await member.balance() == 0


async def test_F_R09_points_that_are_spent_first_do_not_expire(stage: Stage, later: Database):
    member = await expiring(stage)
    other = await asyncpg.connect(stage.home.database_url)
    async with other.transaction():
        await other.execute(LOCK_LOTS, member.id)
        begun = await spending(stage, member)
        async with later.begin() as tx:
            assert not await expire_points(tx)  # it comes again, and waits for nobody
    await other.close()
    assert (await begun)[0] == 201
    async with later.begin() as tx:
        assert not await expire_points(tx)
    assert await member.balance() == 0


async def test_a_member_whose_points_cannot_expire_holds_up_no_other(stage: Stage, later: Database):
    bad, good = await expiring(stage), await expiring(stage)
    (row,) = await stage.home.sql("select member_id from customers where id = $1", bad.id)
    async with refusing(stage.home, "postings", "member_id", row["member_id"]), later.begin() as tx:
        assert await expire_points(tx)
    rows = await stage.home.sql(EXPIRED, [bad.id, good.id])
    assert [row["id"] for row in rows] == [good.id]
