"""What runs for each event and e-mail reads no whole table, however full it is."""

from collections.abc import AsyncGenerator

import pytest
from chassis.db.connections import OwnConnection
from chassis_testing import plans
from chassis_testing.stack import Infrastructure
from letters.__main__ import service
from letters.store import attempts, disputes, emails, facts, freed_devices, notifications, orders, share, shops

TABLES = {
    *("orders", "paid_units", "cancelled_units", "disputes", "links", "extensions", "license_keys", "email_contents"),
    *("claims", "repayments", "emails", "notifications", "shops", "freed_devices"),
}
FILL = """
insert into orders (tenant, id, channel, market, seller, number, ordered_at)
select 'full', md5(n::text)::uuid, 'direct', 'DE', 'kontor', n::text, now()
from generate_series(1, 20000) n;
insert into shops (tenant, id, channel, brand, opened_at, sequence)
select 'full' || n / 5, n::text, n::text, '{}', now(), 1 from generate_series(1, 20000) n;
insert into paid_units (tenant, order_id, id, line_id, payment_id, paid_at, known_at, download, keyed, announced_in)
select tenant, id, id, id, id, now(), now(), true, true, 1 from orders where tenant = 'full';
insert into links
  (tenant, order_id, digest, line_id, grant_id, unit_ids, files, valid_until, download_limit, sequence, emailed_in)
select tenant, id, uuid_send(id), id, id, array[id], '{}', now(), 5, 1, 1 from orders where tenant = 'full';
insert into extensions (tenant, order_id, grant_id, sequence, valid_until, download_limit)
select tenant, id, id, 2, now(), 5 from orders where tenant = 'full';
insert into license_keys (tenant, order_id, id, line_id, unit_ids, issued_at, emailed_in)
select tenant, id, id, id, array[id], now(), 1 from orders where tenant = 'full';
insert into email_contents (tenant, order_id, part, unit_id, emailed_in)
select tenant, id, uuid_send(id), id, 1 from orders where tenant = 'full';
insert into cancelled_units (tenant, order_id, unit_id, reason)
select tenant, id, id, 'unpaid' from orders where tenant = 'full';
insert into disputes (tenant, order_id, id, won)
select tenant, id, id, false from orders where tenant = 'full';
insert into claims (tenant, order_id, id, revision, unit_ids)
select tenant, id, id, 1, array[id] from orders where tenant = 'full';
insert into freed_devices (tenant, order_id, id, license_id, line_id, freed_by, freed_at)
select tenant, id, id, id, id, 'staff', now() from orders where tenant = 'full';
insert into repayments (tenant, order_id, id, refund_id, amount, currency, refunded_at, known_at, emailed_in)
select tenant, id, id, id, 1, 'EUR', now(), now(), 1 from orders where tenant = 'full';
insert into emails (tenant, id, order_id, kind, sequence, message_id, state, created_at, send_at)
select tenant, id, id, 'delivery', 1, id::text, 'sent', now(), now() from orders where tenant = 'full';
insert into notifications
  (tenant, id, about, subject, contact_key_id, follows, language, facts, rows, message_id, state, written_at, send_at)
select tenant, id, 'failed', id, id, true, 'de', '{}', '[]', id::text, 'sent', now(), now()
from orders where tenant = 'full';
"""
STATEMENTS = {
    name: sql
    for name, sql in plans.statements(
        facts, disputes, orders, emails, attempts, notifications, share, shops, freed_devices
    ).items()
    if sql not in (facts.HOLD, facts.CONSENTS)
}


@pytest.fixture(scope="module")
async def full(infrastructure: Infrastructure) -> AsyncGenerator[OwnConnection]:
    async with plans.filled(infrastructure, service, FILL) as connection:
        yield connection


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_statement_reads_a_whole_table(full: OwnConnection, name: str):
    plan = await plans.generic_plan(full, STATEMENTS[name])
    assert not plans.read_whole(plan) & TABLES, plan
