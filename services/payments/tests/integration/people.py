"""Customers under test: what accounts publishes about them, and what the provider keeps of their cards."""

import json
from typing import Any
from uuid import UUID

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
    events = [decode("ErasureConfirmed", record.value) for record in house.harness.log.get("ErasureConfirmed", [])]
    return [one for one in events if getattr(one, "key", None) == key]


async def bought(house: House, *, keep_data: bool, save_card: bool = True) -> OrderPlaced:
    order = await house.placed()
    await house.harness.publish(registered(order, keep_data=keep_data))
    await house.harness.settled()
    view = await house.opened(order, save_card=save_card)
    assert await house.pay(view["url"]) == 303
    await house.published("PaymentCaptured", order)
    return order


def chosen(house: House, order: OrderPlaced, *, keep_data: bool) -> PrivacyChosen:
    now = house.harness.clock.now()
    return PrivacyChosen(tenant=order.tenant, customer=order.customer, keep_data=keep_data, chosen_at=now)


async def saved(house: House, *orders: OrderPlaced) -> int:
    """How many cards the provider keeps for the customer of these orders, whatever our tables hold about them."""
    names = {payment["customer"] for order in orders for payment in await house.at_provider(order)}
    async with house.provider.get("/_control/tokens") as answer:
        return len([one for one in await answer.json() if one["customer"] in names])
