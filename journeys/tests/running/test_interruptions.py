"""Services that die or start late during a sale delay it, and change nothing else."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from journeys.customer import GOOD_CARD
from journeys.seller import Shop
from journeys.shops import GENERATED, SERIALS
from journeys.trial.people import People
from journeys.trial.sale import buy, links_and_ids
from journeys.verify.run import verify
from stack.services import SERVICES

# by `make torture` each of them
SELLING = {"orders", "payments"}
KILLED = [
    pytest.param(service.name, marks=[] if service.name in SELLING else [pytest.mark.torture]) for service in SERVICES
]


@pytest.mark.parametrize("service", KILLED)
async def test_a_service_killed_during_the_sale_changes_nothing_but_time(shop: Shop, people: People, service: str):
    customer = await people.arrive()
    order = await buy(customer, {SERIALS: 1, GENERATED: 1})
    page = await customer.payment_page(order["order"])
    paying = asyncio.create_task(customer.enter_card(page, GOOD_CARD))
    await asyncio.sleep(random.Random(service).random() * 0.3)
    await asyncio.to_thread(shop.suite.stack.kill, service)
    assert await paying
    await asyncio.to_thread(shop.suite.stack.wait_ready, service)
    await customer.wait_for_state(order["order"], "delivered", 60)
    counts, ids = links_and_ids(await customer.mailbox.mails())
    assert (counts, ids) == ({2}, 1)
    licenses = await shop.seller.ask("licensing", "GET", f"/orders/{order['order']}/licenses")
    assert len(licenses["items"]) == 2


@pytest.mark.torture
async def test_F_E35_services_may_start_in_any_order(shop: Shop, people: People):
    await sell_while_away(shop, people, ["orders", "delivery", "licensing", "letters"], seed=7)


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(8))
async def test_F_E35_all_services_may_start_in_any_order(shop: Shop, people: People, seed: int):
    await sell_while_away(shop, people, [service.name for service in SERVICES], seed)


async def sell_while_away(shop: Shop, people: People, late: list[str], seed: int) -> None:
    """Sell while these services are stopped; then start them one after the other."""
    customer = await people.arrive()
    order = await buy(customer, {SERIALS: 1, GENERATED: 1})
    page = await customer.payment_page(order["order"])
    stack = shop.suite.stack
    await asyncio.gather(*(asyncio.to_thread(stack.stop, name) for name in late))
    try:
        assert await customer.enter_card(page, GOOD_CARD)
    finally:
        random.Random(seed).shuffle(late)
        for name in late:
            await asyncio.to_thread(stack.start, name, wait=False)
            await asyncio.sleep(0.5)
        for service in SERVICES:
            await asyncio.to_thread(stack.wait_ready, service.name)
    await customer.wait_for_state(order["order"], "delivered", 120)
    assert links_and_ids(await customer.mailbox.mails()) == ({2}, 1)
    assert await verify(shop.suite.state, tenant=shop.tenant, wait=60)


FULL = """
create function no_space_left() returns trigger language plpgsql as $$
begin
  raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
end
$$;
create trigger no_space_left before insert on {table} for each statement execute function no_space_left();
"""
ROOM = "drop function no_space_left() cascade"


@asynccontextmanager
async def full(shop: Shop, service: str, table: str) -> AsyncGenerator[None]:
    """Let each insert into the table fail as if the disk were full, until the block ends."""
    connection = await asyncpg.connect(shop.suite.state.databases[service])
    await connection.execute(FULL.format(table=table))
    try:
        yield
    finally:
        await connection.execute(ROOM)
        await connection.close()


@pytest.mark.parametrize("table", ["orders", "units", "chassis.outbox", "chassis.idempotency"])
async def test_F_E32_with_a_full_disk_an_order_is_refused_and_nothing_is_kept(shop: Shop, people: People, table: str):
    customer = await people.arrive()
    async with full(shop, "orders", table):
        refused = await customer.order({GENERATED: 1}, expect=503)
        assert "disk" not in str(refused)
    mine = await shop.suite.call("orders", "GET", "/orders", token=customer.token)
    assert mine["items"] == []
    order = await buy(customer, {GENERATED: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered", 60)


@pytest.mark.parametrize(
    ("service", "table"),
    [
        ("delivery", "grants"),
        pytest.param("licensing", "chassis.inbox", marks=pytest.mark.torture),
        pytest.param("letters", "emails", marks=pytest.mark.torture),
        pytest.param("orders", "chassis.outbox", marks=pytest.mark.torture),
    ],
)
async def test_F_E32_events_wait_for_a_full_disk_and_no_repair_is_needed(
    shop: Shop, people: People, service: str, table: str
):
    customer = await people.arrive()
    order = await buy(customer, {SERIALS: 1, GENERATED: 1})
    page = await customer.payment_page(order["order"])
    async with full(shop, service, table):
        assert await customer.enter_card(page, GOOD_CARD)
        await asyncio.sleep(3)
        assert (await customer.order_view(order["order"]))["state"] != "delivered"
    await customer.wait_for_state(order["order"], "delivered", 60)
    assert links_and_ids(await customer.mailbox.mails()) == ({2}, 1)
    assert await verify(shop.suite.state, tenant=shop.tenant, wait=60)
