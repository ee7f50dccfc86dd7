"""Delivery of events to the shop, with and without faults."""

import asyncio
import time

from .house import House, Start, quiet, until


async def test_a_webhook_is_sent_until_it_is_accepted(house: House):
    await house.control("switches", webhooks={"retry": {"first": 0.05}})
    house.shop.answers.extend([500, 429, 302])
    await house.stripe.v1.customers.create_async(params={"email": "a@example.org"})
    await until(lambda: house.shop.types() == ["customer.created"])
    await until(lambda: len(house.shop.raw) == 4)
    assert len({body for body, _ in house.shop.raw}) == 1
    [record] = (await house.http.get("/_control/webhooks")).json()
    assert [attempt["status"] for attempt in record["attempts"]] == [500, 429, 302, 200]


async def test_a_webhook_that_is_never_accepted_is_given_up(house: House):
    await house.control("switches", webhooks={"retry": {"first": 0.05, "give_up_after": 0.1}})
    house.shop.answers.extend([500] * 100)
    await house.stripe.v1.customers.create_async()
    await quiet(house.shop)
    [record] = (await house.http.get("/_control/webhooks")).json()
    assert record["status"] == "given_up"
    assert len(house.shop.raw) < 10


async def test_webhooks_are_duplicated_on_demand(house: House):  # PAY-12
    await house.control("switches", webhooks={"duplicates": 2})
    await house.stripe.v1.customers.create_async()
    await until(lambda: len(house.shop.events) == 3)
    assert len({event.id for event in house.shop.events}) == 1


async def test_held_webhooks_are_sent_in_the_order_of_the_seed(house: House):
    orders: list[list[int]] = []
    for seed in (3, 3, 4):
        await house.control("switches", webhooks={"disorder": {"hold": 8, "seed": seed, "seconds": 60}})
        house.shop.events.clear()
        for number in range(8):
            assert house.shop.events == []
            await house.stripe.v1.customers.create_async(params={"name": str(number)})
        await until(lambda: len(house.shop.events) == 8)
        orders.append([int(event.data.object["name"]) for event in house.shop.events])
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == list(range(8)) != orders[0]


async def test_a_dropped_webhook_never_leaves_but_is_listed_and_can_be_sent(house: House):
    await house.control("switches", webhooks={"drop": {"types": ["customer.created"], "times": 1}})
    await house.stripe.v1.customers.create_async()
    await quiet(house.shop)
    assert house.shop.raw == []
    [event] = (await house.stripe.v1.events.list_async()).data
    await house.control("webhooks/resend", event=event.id)
    await until(lambda: house.shop.types() == ["customer.created"])


async def test_only_events_that_the_endpoint_has_enabled_are_sent_and_all_are_listed(start: Start):
    house = await start(enabled_events=("customer.deleted",))
    customer = await house.stripe.v1.customers.create_async()
    await house.stripe.v1.customers.delete_async(customer.id)
    await until(lambda: house.shop.types() == ["customer.deleted"])
    events = (await house.stripe.v1.events.list_async()).data
    assert {event.type: event.pending_webhooks for event in events} == {"customer.created": 0, "customer.deleted": 0}
    assert len((await house.http.get("/_control/webhooks")).json()) == 1
    await house.control("webhooks/resend", event=next(event.id for event in events if event.type == "customer.created"))
    await until(lambda: "customer.created" in house.shop.types())


async def test_webhooks_are_delayed_by_the_range(house: House):
    await house.control("switches", webhooks={"delay": [0.4, 0.5]})
    started = time.monotonic()
    await house.stripe.v1.customers.create_async()
    await until(lambda: len(house.shop.events) == 1)
    assert 0.4 <= time.monotonic() - started < 1.5


async def test_a_webhook_hangs_in_its_body_and_then_arrives_whole(house: House):
    await house.control("switches", webhooks={"hang": {"seconds": 0.4, "times": 1}})
    started = time.monotonic()
    await house.stripe.v1.customers.create_async()
    await until(lambda: len(house.shop.events) == 1)
    assert time.monotonic() - started >= 0.4


async def test_a_webhook_that_hangs_for_ever_is_sent_anew_after_a_reset(house: House):
    await house.control("switches", webhooks={"hang": {"seconds": "forever", "times": 1}, "retry": {"first": 0.05}})
    await house.stripe.v1.customers.create_async()
    await asyncio.sleep(0.4)
    assert house.shop.raw == []
    await house.control("reset")
    await until(lambda: len(house.shop.events) == 1)


async def test_a_forged_webhook_fails_the_check(house: House):
    await house.control("switches", webhooks={"forge": {"times": 1}, "retry": {"first": 0.05}})
    await house.stripe.v1.customers.create_async()
    await until(lambda: len(house.shop.events) == 1)
    assert house.shop.refused == 1


async def test_a_webhook_of_long_ago_fails_the_check(house: House):
    await house.control("switches", webhooks={"timestamp_shift": -400})
    await house.stripe.v1.customers.create_async()
    await until(lambda: house.shop.refused == 1)
    assert house.shop.events == []
