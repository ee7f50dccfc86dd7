"""What orders has published it takes back into a database that was restored to an earlier state. F-A12"""

from uuid import uuid4

from chassis_testing.operator import operate
from contracts.orders import OrderPaid

from .conftest import Shop, units_of
from .test_refunding import refund

TABLES = ("orders", "lines", "units", "consents", "refunds")
NUMBERS = """
select last_value
from pg_sequences
where sequencename like 'order_numbers_%'
order by sequencename
"""
BEGIN_NUMBERS_AGAIN = """
select setval(sequencename::regclass, 1, false)
from pg_sequences
where sequencename like 'order_numbers_%'
"""


async def known(shop: Shop) -> dict[str, list[str]]:
    """Return the rows of all orders, but not who has decided a refund, which no event names."""
    return {
        table: [
            row[0]
            for row in await shop.home.sql(f"select (to_jsonb(t) - 'decided_by')::text from {table} t order by 1")
        ]
        for table in TABLES
    }


async def test_F_A12_orders_that_a_restored_database_does_not_know_are_taken_back(shop: Shop):
    ((before,),) = await shop.home.sql("select published from chassis.lease")
    paid = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 2, "WORKS-9-ESD": 1}))
    part = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 3}))
    left = await shop.buy(uuid4())
    await shop.home.publish(shop.captured(paid), shop.captured(part))
    await shop.home.settled()
    assert (await refund(shop, part, units_of(part)[:1]))[0] == 201
    customer = shop.home.bearer(shop.token(left.customer))
    assert (await shop.post(f"/orders/{left.order}/cancellation", {}, customer))[0] < 300
    await shop.home.settled()
    rows, drawn = await known(shop), await shop.home.sql(NUMBERS)
    published = len(await shop.home.published(OrderPaid))
    for table in reversed(TABLES):
        await shop.home.sql(f"delete from {table}")
    await shop.home.sql(BEGIN_NUMBERS_AGAIN)
    await shop.home.sql("update chassis.lease set published = $1", before)
    done = await operate(shop.home, "backup", "restored")
    assert done.exit_code == 0, done.output
    assert await known(shop) == rows
    assert await shop.home.sql(NUMBERS) >= drawn
    assert "nothing was to be done" in (await operate(shop.home, "backup", "restored")).output
    await shop.home.settled()
    assert len(await shop.home.published(OrderPaid)) == published, "what was published is not published again"
