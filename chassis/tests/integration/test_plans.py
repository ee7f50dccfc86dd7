"""On filled tables, what a batch asks of the chassis' tables is found by an index."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from chassis.consuming.inbox import ADMIT, HASHES, HELD
from chassis.db.connections import OwnConnection
from chassis_testing import databases
from chassis_testing.stack import Infrastructure
from probe.__main__ import service

FILL = """
insert into chassis.inbox (source, id, payload_hash)
select 'somebody', gen_random_uuid(), decode(md5(number::text), 'hex')
from generate_series(1, 50000) as number;
insert into chassis.parked
  (topic, key, partition, record_offset, headers, state, attempts, next_attempt, reason, parked_at)
select 'MeetingLogged', decode(md5(number::text), 'hex'), 0, number, '', 'waiting', 1, now(), 'x', now()
from generate_series(1, 20000) as number;
analyze chassis.inbox, chassis.parked
"""
# few of many: for a batch that asks for a good part of a table, PostgreSQL reads it whole with reason
BATCH = 30
SOURCES, IDS = ["somebody"] * BATCH, [uuid4() for _ in range(BATCH)]
TOPICS, KEYS = ["MeetingLogged"] * BATCH, [uuid4().bytes for _ in range(BATCH)]
ENDS: list[list[Any]] = [[1], [1], [datetime.now(UTC)]]
CASES: dict[str, tuple[str, list[Any]]] = {
    "admit": (ADMIT, [SOURCES, IDS, [b"x" * 16] * BATCH, [None] * BATCH, TOPICS, KEYS, TOPICS[:1], [0], *ENDS]),
    "held": (HELD, [TOPICS, KEYS]),
    "hashes": (HASHES, [SOURCES, IDS]),
}


@pytest.fixture(scope="module")
async def connection(infrastructure: Infrastructure) -> AsyncGenerator[OwnConnection]:
    async with databases.fresh(infrastructure.postgres, service) as url:
        connection: OwnConnection = await asyncpg.connect(url)
        await connection.execute(FILL)
        yield connection
        await connection.close()


def read_whole(plan: dict[str, Any]) -> list[str]:
    """Return the tables that a plan reads from end to end."""
    own = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" else []
    return own + [table for part in plan.get("Plans", []) for table in read_whole(part)]


@pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("what", CASES)
async def test_no_statement_of_a_batch_reads_a_whole_table(connection: OwnConnection, what: str, plans: str):
    sql, arguments = CASES[what]
    await connection.execute(f"set plan_cache_mode = {plans}")
    plan = orjson.loads(await connection.fetchval(f"explain (format json) {sql}", *arguments))[0]["Plan"]
    assert read_whole(plan) == [], plan
