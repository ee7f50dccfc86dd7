"""On filled tables, what a batch asks of the chassis' tables is found by an index."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from chassis.consuming.batches import PLANNING
from chassis.consuming.inbox import ADMIT, HASHES, HELD
from chassis.db.connections import OwnConnection
from chassis_testing import plans
from chassis_testing.stack import Infrastructure
from probe.__main__ import service

FILL = """
insert into chassis.inbox (source, id, payload_hash)
select 'somebody', gen_random_uuid(), decode(md5(number::text), 'hex')
from generate_series(1, 50000) as number;
insert into chassis.parked
  (topic, key, partition, record_offset, headers, state, attempts, next_attempt, reason, parked_at)
select 'MeetingLogged', decode(md5(number::text), 'hex'), 0, number, '', 'waiting', 1, now(), 'x', now()
from generate_series(1, 20000) as number
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
    async with plans.filled(infrastructure, service, FILL) as connection:
        yield connection


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("what", CASES)
async def test_no_statement_of_a_batch_reads_a_whole_table(connection: OwnConnection, what: str, mode: str):
    sql, arguments = CASES[what]
    await connection.execute(f"set plan_cache_mode = {mode}")
    plan = await plans.plan(connection, sql, *arguments)
    assert not plans.read_whole(plan), plan


FEW = """
create temp table few (id uuid primary key, attempts integer);
insert into few select gen_random_uuid(), 0 from generate_series(1, 2000);
analyze few
"""
CHANGE = """
update few
set attempts = changed.attempts
from jsonb_to_recordset($1::jsonb) as changed (id uuid, attempts integer)
where few.id = changed.id
"""


async def test_what_a_batch_changes_is_found_by_its_keys_in_a_small_table_too(connection: OwnConnection):
    await connection.execute(FEW)
    for name, value in PLANNING.items():
        await connection.execute(f"set {name} = {value}")
    plan = await plans.plan(connection, CHANGE, "[]")
    assert not plans.read_whole(plan), plan
