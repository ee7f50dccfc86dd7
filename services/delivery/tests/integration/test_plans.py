"""On filled tables, what a batch or a download asks is found by an index."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from chassis.db.connections import OwnConnection
from chassis_testing import plans
from chassis_testing.stack import Infrastructure
from contracts.mail_relay import ClaimOpened
from contracts.orders import DeliveryReleased, OrderPaid, OrderRefunded
from contracts.payments import DisputeOpened
from delivery.__main__ import service
from delivery.store import addresses, contents, facts, grants, lines, proof, sessions, transfers

FILL = """
insert into orders
select 'kontor', md5('order' || n)::uuid, 'direct', 'DE', 'kontor', n::text, now(), md5('customer' || n)::uuid,
       md5('organisation' || n)::uuid, 'de', '{}', '', '', null
from generate_series(1, 20000) as n;
insert into lines
select 'kontor', md5('line' || n)::uuid, md5('order' || n)::uuid, 'SKU' || n, 'Vista', 30, 5, now(), false
from generate_series(1, 20000) as n;
insert into lines
select 'kontor', md5('later' || n)::uuid, md5('order' || n)::uuid, 'MISSING' || n % 10, 'Vista', 30, 5,
       timestamptz '2026-01-01', true
from generate_series(1, 20000) as n;
insert into units
select 'kontor', md5('line' || n)::uuid, md5('unit' || n)::uuid from generate_series(1, 20000) as n;
insert into refunded_units select 'kontor', md5('unit' || n)::uuid from generate_series(1, 20000) as n;
insert into releases select 'kontor', md5('line' || n)::uuid, now() from generate_series(1, 20000) as n;
insert into disputes
select 'kontor', md5('order' || n)::uuid, md5('dispute' || n)::uuid, false from generate_series(1, 20000) as n;
insert into claims
select 'kontor', md5('order' || n)::uuid, md5('claim' || n)::uuid, 1, '{}' from generate_series(1, 20000) as n;
insert into files
select 'kontor', md5('file' || n)::uuid, 'SKU' || n, 'a.zip', '1', 'application/zip', 1, n::text, now(), 'staff', now()
from generate_series(1, 20000) as n;
insert into contents select 'kontor', n::text, 1, '', now(), now(), null from generate_series(1, 20000) as n;
insert into grants
select 'kontor', md5('grant' || n)::uuid, md5('order' || n)::uuid, md5('line' || n)::uuid, 'SKU' || n, '{}',
       decode(md5('link' || n), 'hex'), '', 1, now(), now(), 5, null, null, 0
from generate_series(1, 20000) as n;
insert into sessions (tenant, id, grant_id, file_id, secret_hash, link_number, file_name, file_version, sha256, size,
                      created_at, expires_at)
select 'kontor', md5('session' || n)::uuid, md5('grant' || n)::uuid, md5('file' || n)::uuid,
       decode(md5('secret' || n), 'hex'), 1, 'a.zip', '1', n::text, 1, now(), now()
from generate_series(1, 20000) as n;
insert into transfers
select 'kontor', md5('session' || n)::uuid, md5('transfer' || n)::uuid, gen_random_uuid(), 0, 1, 0, now()
from generate_series(1, 20000) as n
"""
BATCH = 30
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TENANTS, IDS, ID = ["kontor"] * BATCH, [uuid4() for _ in range(BATCH)], uuid4()
ROW = orjson.dumps({"tenant": "kontor", "id": ID, "version": 0}).decode()


def events(example: Any) -> str:
    return orjson.dumps([{**example, "order": id_} for id_ in IDS]).decode()


CASES: dict[str, tuple[str, list[Any]]] = {
    "record payments": (facts.RECORD_PAYMENTS, [events(OrderPaid.EXAMPLE)]),
    "record refunds": (facts.RECORD_REFUNDS, [events(OrderRefunded.EXAMPLE)]),
    "record releases": (facts.RECORD_RELEASES, [events(DeliveryReleased.EXAMPLE)]),
    "record disputes": (facts.RECORD_DISPUTES, [events(DisputeOpened.EXAMPLE)]),
    "record claims": (facts.RECORD_CLAIMS, [events(ClaimOpened.EXAMPLE)]),
    "load": (lines.OF_ORDERS, [TENANTS, IDS]),
    "save lines": (lines.SET_WAITING, [TENANTS, IDS, [True] * BATCH, [NOW] * BATCH]),
    "save grants": (grants.SAVE, ["[]"]),
    "due": (lines.DUE, [NOW, 100]),
    "missing since": (lines.MISSING_SINCE, []),
    "of an organisation": (grants.OF_ORGANISATION, ["kontor", ID, None, None, 20]),
    "open a link": (grants.BY_TOKEN, [NOW, b"x"]),
    "reserve": (sessions.ADD + "select from written", ["kontor", ID, 0, ID, ID, b"x", NOW, NOW]),
    "take over": (sessions.TAKE_OVER + "select from written", ["kontor", ID, 0, ID, b"x", NOW]),
    "follow": (sessions.FOLLOW, ["kontor", ID, NOW, ID, b"x", NOW]),
    "remove contents": (contents.CLAIM, [NOW, NOW, 10]),
    "received of an order": (proof.RECEIVED_OF_ORDER, ["kontor", ID]),
    "received of a customer": (proof.RECEIVED_OF_CUSTOMER_AND_SKU, ["kontor", ID, "SKU"]),
    "look": (addresses.FIND, [b"x"]),
    "start": (sessions.START + "select from written", [ROW, "kontor", ID, 0, ID, ID, 0, 1]),
    "end": (sessions.END + "select from written", [ROW, ID, NOW, 0]),
    "watch": (transfers.SEEN, [TENANTS, IDS, IDS, [0] * BATCH, 2]),
}


@pytest.fixture(scope="module")
async def connection(infrastructure: Infrastructure) -> AsyncGenerator[OwnConnection]:
    async with plans.filled(infrastructure, service, FILL) as connection:
        yield connection


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("what", CASES)
async def test_no_statement_of_a_batch_or_a_download_reads_a_whole_table(
    connection: OwnConnection, what: str, mode: str
):
    sql, arguments = CASES[what]
    await connection.execute(f"set plan_cache_mode = {mode}")
    plan = await plans.plan(connection, sql, *arguments)
    assert not plans.read_whole(plan), plan


def lines_read(plan: dict[str, Any]) -> int:
    """Return how many lines a plan has read."""
    own = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == "lines" else 0
    return own + sum(lines_read(part) for part in plan.get("Plans", []))


@pytest.mark.parametrize("sql", [lines.DUE, lines.MISSING_SINCE])
async def test_the_sweeps_read_a_few_lines_of_each_article_that_is_waited_for(connection: OwnConnection, sql: str):
    arguments = [NOW, 100] if sql == lines.DUE else []
    explained = await connection.fetchval(f"explain (analyze, format json) {sql}", *arguments)
    assert lines_read(orjson.loads(explained)[0]["Plan"]) <= 30
