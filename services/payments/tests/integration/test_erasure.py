"""A card is kept by choice and forgotten by choice (PAY-11 M26)."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.testing.harness import until
from contracts.accounts import CustomerErased, CustomerRegistered, KeyDestroyed, KeyKind, PrivacyChosen
from contracts.orders import OrderPlaced
from contracts.wire import decode

from .house import House


def registered(order: OrderPlaced, *, keep_data: bool) -> CustomerRegistered:
    example = CustomerRegistered.model_validate_json(json.dumps(CustomerRegistered.EXAMPLE))
    return example.model_copy(update={"customer": order.customer, "keep_data": keep_data})


def erased(house: House, order: OrderPlaced) -> CustomerErased:
    now = house.harness.clock.now()
    return CustomerErased(tenant=order.tenant, customer=order.customer, erased_at=now, expected=["payments"])


def destroyed(house: House, order: OrderPlaced, key: UUID, kind: KeyKind = KeyKind.PROFILE) -> KeyDestroyed:
    now = house.harness.clock.now()
    return KeyDestroyed(tenant=order.tenant, customer=order.customer, key=key, kind=kind, destroyed_at=now)


def confirmed(house: House, key: UUID) -> list[Any]:
    told = [decode("ErasureConfirmed", record.value) for record in house.harness.log.get("ErasureConfirmed", [])]
    return [one for one in told if getattr(one, "key", None) == key]


async def at_provider(house: House, order: OrderPlaced) -> tuple[str | None, list[Any]]:
    rows = await house.harness.sql("select provider_customer from customers where customer = $1", order.customer)
    name = rows[0]["provider_customer"]
    async with house.provider.get("/_control/tokens", params={"customer": name} if name else {}) as answer:
        return name, await answer.json() if name else []


async def bought(house: House, *, keep_data: bool, save_card: bool = True) -> OrderPlaced:
    order = await house.placed()
    await house.harness.say(registered(order, keep_data=keep_data))
    await house.harness.settled()
    view = await house.opened(order, save_card=save_card)
    assert await house.pay(view["url"]) == 303
    await house.said("PaymentCaptured", order)
    return order


@pytest.mark.parametrize(
    ("keep_data", "save_card", "tokens"), [(True, True, 1), (True, False, 0), (False, True, 0), (False, False, 0)]
)
async def test_a_card_is_kept_only_by_choice(house: House, keep_data: bool, save_card: bool, tokens: int):
    order = await bought(house, keep_data=keep_data, save_card=save_card)
    name, known = await at_provider(house, order)
    assert name is not None
    assert len(known) == tokens


@pytest.mark.parametrize("in_order", [True, False])
async def test_of_several_choices_the_latest_counts_whenever_it_is_heard(house: House, in_order: bool):
    order = await house.placed()
    now = house.harness.clock.now()
    changed = PrivacyChosen(tenant=order.tenant, customer=order.customer, keep_data=False, chosen_at=now)
    first = house.harness.next_sequence(2)
    said = [(registered(order, keep_data=True), first), (changed, first + 1)]
    for event, sequence in said if in_order else said[::-1]:
        await house.harness.say(event, sequence=sequence)
        await house.harness.settled()
    view = await house.opened(order, save_card=True)
    assert await house.pay(view["url"]) == 303
    await house.said("PaymentCaptured", order)
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
    await house.harness.say(*(events if erased_first else events[::-1]))
    await house.harness.settled()
    assert confirmed(house, key) == []
    await house.control("reset")
    await house.harness.sql("update customers set claimed_until = null where customer = $1", order.customer)

    async def told() -> bool:
        return bool(confirmed(house, key))

    await until(told, what="the confirmation")
    await house.harness.say(*events)
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
    await house.harness.say(destroyed(house, order, contact, KeyKind.CONTACT), destroyed(house, order, profile))
    await house.harness.settled()
    assert len(confirmed(house, contact)) == len(confirmed(house, profile)) == 1


async def test_a_customer_made_at_the_provider_unnoticed_is_forgotten_too(house: House):  # F-P27
    order = await house.placed()
    await house.control(
        "switches",
        api={"refuse": {"status": 500, "at": "after", "path": "/v1/customers", "method": "POST", "times": 1}},
    )
    assert (await house.ask_to_pay(order))[0] == 503
    await house.control("reset")
    key = uuid4()
    await house.harness.say(erased(house, order), destroyed(house, order, key))

    async def told() -> bool:
        return bool(confirmed(house, key))

    await until(told, what="the confirmation")
    headers = {"Authorization": "Bearer sk_test_payments"}
    async with house.provider.get("/v1/customers", params={"limit": "100"}, headers=headers) as answer:
        listed = (await answer.json())["data"]
    assert str(order.customer) not in [one["metadata"].get("customer") for one in listed]


async def test_an_erased_customer_is_not_made_known_again(house: House):
    order = await house.placed()
    await house.harness.say(erased(house, order))
    await house.harness.settled()
    view = await house.opened(order)
    assert await house.pay(view["url"]) == 303
    (payment,) = await house.at_provider(order)
    assert payment["customer"] is None
