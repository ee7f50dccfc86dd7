"""What a search or an erasure asks reads no whole table, however many orders there are."""

from collections.abc import AsyncGenerator

import pytest
from accounts.__main__ import service
from accounts.store import customers, order_words
from chassis.db.connections import OwnConnection
from chassis_testing import plans
from chassis_testing.stack import Infrastructure

TABLES = {"customers", "name_words", "order_words", "registrations"}
FILL = """
insert into customers (tenant, id, market, language, keep_data, registered_at)
select 'full', md5(n::text)::uuid, 'DE', 'de', true, now() from generate_series(1, 20000) n;
insert into name_words select tenant, uuid_send(id), id from customers;
insert into order_words select tenant, uuid_send(id), id, id from customers;
insert into registrations
select tenant, id, id, uuid_send(id), uuid_send(id), now() from customers;
"""
STATEMENTS = plans.statements(customers, order_words)


@pytest.fixture(scope="module")
async def full(infrastructure: Infrastructure) -> AsyncGenerator[OwnConnection]:
    async with plans.filled(infrastructure, service, FILL) as connection:
        yield connection


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_statement_reads_a_whole_table(full: OwnConnection, name: str):
    plan = await plans.generic_plan(full, STATEMENTS[name])
    assert not plans.read_whole(plan) & TABLES, plan
