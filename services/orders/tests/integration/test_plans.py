"""What an order, an event or a sweep asks reads no whole table, however many sellers and orders there are."""

from collections.abc import AsyncGenerator

import pytest
from chassis.db.connections import OwnConnection
from chassis_testing import plans
from chassis_testing.stack import Infrastructure
from orders.__main__ import service
from orders.store import bounces, consents, limits, listing, offers, orders, refunds, sellers, share, shipping

TABLES = {
    *("sellers", "records_keys", "products", "offers", "coupons", "notices", "orders", "lines", "units", "consents"),
    *("refunds", "repayments", "shipping_addresses"),
}
FILL = """
insert into sellers
select 'tenant' || n, 'kontor', '', '', '', 'DE', '', '', 1 from generate_series(1, 20000) n;
insert into records_keys
select tenant, seller, 2026, md5(tenant)::uuid, '' from sellers;
insert into products
select tenant, md5(tenant)::uuid, 1 from sellers;
insert into offers
select tenant, 'direct', 'SKU', md5(tenant)::uuid, '', 'direct', seller, 'download', 'standard', 'none', '', 'unit',
       30, 5, now(), null, '{}', '{}', '{}', '{}', 1
from sellers;
insert into coupons
  (tenant, id, code, channel, discount_basis_points, valid_from, valid_until, uses_per_customer, sequence)
select tenant, md5(tenant)::uuid, 'CODE', 'direct', 1, now(), now(), 1, 1 from sellers;
insert into notices
select tenant, seller, 'de', 'download', '1', '', now(), '' from sellers;
insert into orders
select 'full', md5(n::text)::uuid, n::text, md5(n::text)::uuid, 'consumer', 'direct', 'DE', 'kontor', 'card',
       md5(n::text)::uuid, 'EUR', 1, 0, 1, now(), now(), now(), interval '1 day', now(), now(), null, 'delivered', '{}'
from generate_series(1, 40000) n;
insert into lines
select tenant, id, id, 0, now(), null, null, '{}' from orders;
insert into units
select tenant, id, id, id, 0, 1, 0, 1, 'download', now(), now(), null, null, null, null from orders;
insert into consents
select tenant, id, 'terms', '1', 'de', '', now() from orders;
insert into refunds
select tenant, id, id, '{}', '', 1, now(), '' from orders;
insert into repayments
select tenant, id, id, 1, 'EUR', array[id] from orders;
insert into shipping_addresses
select tenant, id, '' from orders;
"""
STATEMENTS = plans.statements(bounces, consents, limits, listing, offers, orders, refunds, sellers, share, shipping)


@pytest.fixture(scope="module")
async def full(infrastructure: Infrastructure) -> AsyncGenerator[OwnConnection]:
    async with plans.filled(infrastructure, service, FILL) as connection:
        yield connection


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_statement_reads_a_whole_table(full: OwnConnection, name: str):
    plan = await plans.generic_plan(full, STATEMENTS[name])
    assert not plans.read_whole(plan) & TABLES, plan
