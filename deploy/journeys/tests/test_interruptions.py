"""What dies or starts late during a sale changes nothing but time."""

import asyncio
import random

import pytest
from journeys.seller import Shop
from journeys.shops import GENERATED, SERIALS
from stack.services import SERVICES

from deploy.journeys.tests.conftest import People
from deploy.journeys.tests.test_sales import buy, links_and_ids


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
async def test_a_service_killed_during_the_sale_changes_nothing_but_time(shop: Shop, people: People, service: str):
    customer = await people.arrive()
    order = await buy(customer, {SERIALS: 1, GENERATED: 1})
    page = await customer.payment_page(order["order"])
    paying = asyncio.create_task(customer.enter_card(page, "4242424242424242"))
    await asyncio.sleep(random.Random(service).random() * 0.3)
    await asyncio.to_thread(shop.suite.stack.kill, service)
    assert await paying
    await asyncio.to_thread(shop.suite.stack.wait_ready, service)
    await customer.wait_for_state(order["order"], "delivered", 60)
    counts, ids = links_and_ids(await customer.mailbox.mails())
    assert (counts, ids) == ({2}, 1)
    licenses = await shop.seller.ask("licensing", "GET", f"/orders/{order['order']}/licenses")
    assert len(licenses["items"]) == 2


async def test_services_may_start_in_any_order(shop: Shop, people: People):  # F-E35
    customer = await people.arrive()
    order = await buy(customer, {GENERATED: 1})
    page = await customer.payment_page(order["order"])
    stack = shop.suite.stack
    names = [service.name for service in SERVICES]
    late = ["orders", "delivery", "licensing", "mail-relay"]
    await asyncio.gather(*(asyncio.to_thread(stack.stop, name) for name in late))
    assert await customer.enter_card(page, "4242424242424242")
    random.Random(7).shuffle(late)
    for name in late:
        await asyncio.to_thread(stack.start, name, wait=False)
        await asyncio.sleep(0.5)
    for name in names:
        await asyncio.to_thread(stack.wait_ready, name)
    await customer.wait_for_state(order["order"], "delivered", 60)
    assert links_and_ids(await customer.mailbox.mails()) == ({1}, 1)
