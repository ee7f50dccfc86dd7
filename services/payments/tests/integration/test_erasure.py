"""A card is kept by choice and forgotten by choice (PAY-11 M26)."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from chassis_testing.harness import until
from contracts.accounts import KeyKind
from contracts.orders import OrderPlaced

from .house import House
from .people import bought, chosen, confirmed, destroyed, erased, registered


async def at_provider(house: House, order: OrderPlaced) -> tuple[str | None, list[Any]]:
    rows = await house.harness.sql("select provider_customer_id from customers where id = $1", order.customer)
    name = rows[0]["provider_customer_id"]
    async with house.provider.get("/_control/tokens", params={"customer": name} if name else {}) as answer:
        return name, await answer.json() if name else []


@pytest.mark.parametrize(
    ("keep_data", "save_card", "tokens"), [(True, True, 1), (True, False, 0), (False, True, 0), (False, False, 0)]
)
async def test_a_card_is_kept_only_by_choice(house: House, keep_data: bool, save_card: bool, tokens: int):
    order = await bought(house, keep_data=keep_data, save_card=save_card)
    name, known = await at_provider(house, order)
    assert name is not None
    assert len(known) == tokens


@pytest.mark.parametrize("in_order", [True, False])
async def test_of_several_choices_the_latest_counts_whenever_it_comes(house: House, in_order: bool):
    order = await house.placed()
    changed = chosen(house, order, keep_data=False)
    first = house.harness.next_sequence(2)
    published = [(registered(order, keep_data=True), first), (changed, first + 1)]
    for event, sequence in published if in_order else published[::-1]:
        await house.harness.publish(event, sequence=sequence)
        await house.harness.settled()
    view = await house.opened(order, save_card=True)
    assert await house.pay(view["url"]) == 303
    await house.published("PaymentCaptured", order)
    _, known = await at_provider(house, order)
    assert known == []


@pytest.mark.parametrize("erased_first", [True, False])
async def test_erasure_forgets_the_customer_at_the_provider_and_then_confirms(house: House, erased_first: bool):
    order = await bought(house, keep_data=True)
    name, known = await at_provider(house, order)
    assert len(known) == 1
    key = uuid4()
    events = [erased(house, order), destroyed(house, order, key)]
    await house.control("switches", api={"refuse": {"status": 503, "path": "/v1/customers", "method": "DELETE"}})
    await house.harness.publish(*(events if erased_first else events[::-1]))
    await house.harness.settled()
    assert confirmed(house, key) == []
    await house.control("reset")
    await house.harness.sql("update customers set deletion_claimed_until = null where id = $1", order.customer)

    async def is_confirmed() -> bool:
        return bool(confirmed(house, key))

    await until(is_confirmed, what="the confirmation")
    await house.harness.publish(*events)
    await house.harness.settled()
    assert [(one.service, one.customer) for one in confirmed(house, key)] == [("payments", order.customer)]
    headers = {"Authorization": "Bearer sk_test_payments"}
    async with house.provider.get(f"/v1/customers/{name}", headers=headers) as answer:
        assert answer.status in (200, 404)
        assert (await answer.json()).get("deleted", answer.status == 404)
    async with house.provider.get("/_control/tokens", params={"customer": name or ""}) as answer:
        assert await answer.json() == []


async def test_other_keys_and_unknown_customers_are_confirmed_at_once(house: House):
    order = house.order()
    contact, profile = uuid4(), uuid4()
    await house.harness.publish(destroyed(house, order, contact, KeyKind.CONTACT), destroyed(house, order, profile))
    await house.harness.settled()
    assert len(confirmed(house, contact)) == len(confirmed(house, profile)) == 1


async def test_F_P27_a_customer_made_at_the_provider_unnoticed_is_forgotten_too(house: House):
    order = await house.placed()
    await house.control(
        "switches",
        api={"refuse": {"status": 500, "at": "after", "path": "/v1/customers", "method": "POST", "times": 1}},
    )
    assert (await house.ask_to_pay(order))[0] == 503
    await house.control("reset")
    key = uuid4()
    await house.harness.publish(erased(house, order), destroyed(house, order, key))

    async def is_confirmed() -> bool:
        return bool(confirmed(house, key))

    await until(is_confirmed, what="the confirmation")
    headers = {"Authorization": "Bearer sk_test_payments"}
    async with house.provider.get("/v1/customers", params={"limit": "100"}, headers=headers) as answer:
        listed = (await answer.json())["data"]
    assert str(order.customer) not in [one["metadata"].get("customer") for one in listed]


async def test_a_customer_created_only_after_the_erasure_is_forgotten_again(house: House):
    order = await house.placed()
    await house.control(
        "switches",
        api={"hang": {"seconds": 60.0, "at": "after", "path": "/v1/customers", "method": "POST", "times": 1}},
    )
    asking = asyncio.create_task(house.ask_to_pay(order))
    await house.used("hang")
    key = uuid4()
    await house.harness.publish(erased(house, order), destroyed(house, order, key))
    await house.harness.settled()
    await house.control("reset")
    assert (await asking)[0] in (201, 502)

    async def unknown() -> bool:
        rows = await house.harness.sql(
            "select id from customers where id = $1 and provider_customer_id is null and deleted_at is not null",
            order.customer,
        )
        return bool(rows)

    await until(unknown, what="the provider's id to be gone")
    assert len(confirmed(house, key)) == 1
    assert (await house.ask_to_pay(order))[0] == 201


async def test_an_erased_customer_is_not_made_known_again(house: House):
    order = await house.placed()
    await house.harness.publish(erased(house, order))
    await house.harness.settled()
    view = await house.opened(order)
    assert await house.pay(view["url"]) == 303
    (payment,) = await house.at_provider(order)
    assert payment["customer"] is None
