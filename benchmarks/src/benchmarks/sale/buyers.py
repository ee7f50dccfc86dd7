"""Customers who buy over the doors of a running suite."""

import asyncio
import secrets
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from journeys.customer import GOOD_CARD, Customer
from journeys.demo.opening import open_shop
from journeys.shops import GENERATED, KEYLESS, stock_shop
from journeys.suite import Suite, until

T = TypeVar("T")
CUSTOMERS = 10
READING_SECONDS = 0.1  # between the order's confirmation and the click that leads to the payment


@dataclass(frozen=True, slots=True)
class Buyers:
    """Signed-in customers of one shop, who all order the same."""

    suite: Suite
    people: list[Customer]
    body: dict[str, Any]

    async def buy(self, number: int) -> str:
        """Place an order and pay it, and return its id."""
        order = await self.place(number)
        await asyncio.sleep(READING_SECONDS)
        await self.pay(number, order)
        return order

    async def place(self, number: int) -> str:
        """Place an order, again where a busy machine answers 503, and return its id."""
        token = self._buyer(number).token
        call = partial(self.suite.call, "orders", "POST", "/orders", json=self.body, token=token)
        return (await until(call, "the order"))["order"]

    async def pay(self, number: int, order: str) -> None:
        """Pay an order on the provider's page. Raises RuntimeError where the card is declined."""
        buyer = self._buyer(number)
        if not await buyer.enter_card(await buyer.payment_page(order), GOOD_CARD):
            raise RuntimeError("the card was declined")

    async def flat_out(self, sales: int, concurrency: int) -> set[str]:
        """Buy `sales` times, at most `concurrency` at once."""
        return set(await at_once(concurrency, (self.buy(number) for number in range(sales))))

    async def steadily(self, sales: int, rate: float) -> set[str]:
        """Buy `rate` times a second, each begun on time even if earlier ones have not ended."""
        begun = time.monotonic()
        running: list[asyncio.Task[str]] = []
        for number in range(sales):
            running.append(asyncio.create_task(self.buy(number), name=f"sale {number}"))
            await asyncio.sleep(max(0.0, begun + (number + 1) / rate - time.monotonic()))
        return set(await asyncio.gather(*running))

    async def sign_in(self) -> None:
        """Get new tokens."""
        await asyncio.gather(*(person.sign_in() for person in self.people))

    def _buyer(self, number: int) -> Customer:
        return self.people[number % len(self.people)]


async def at_once(concurrency: int, calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run calls, at most `concurrency` of them at the same time, and return their results in order."""
    turn = asyncio.Semaphore(concurrency)

    async def one(call: Coroutine[Any, Any, T]) -> T:
        async with turn:
            return await call

    return await asyncio.gather(*map(one, calls))


async def buyers(running: Suite) -> Buyers:
    """Open a shop, and register its customers."""
    shop = await open_shop(running, f"b{secrets.token_hex(4)}")
    await stock_shop(shop)
    people = [
        Customer(running, shop.tenant, "Erika Musterfrau", f"{secrets.token_hex(6)}@example.org")
        for _ in range(CUSTOMERS)
    ]
    for person in people:
        await person.arrive()
    window = await people[0].shop_window("direct")
    texts = await running.call("orders", "GET", "/checkout-texts?language=de")
    versions = {text["kind"]: text["version"] for text in texts["items"]}
    body = {
        "channel": "direct",
        "customer_type": "consumer",
        "language": "de",
        "payment_method": "card",
        "lines": [{"sku": sku, "quantity": 1, "price": window[sku]["price"]} for sku in (GENERATED, KEYLESS)],
        "consents": [{"kind": kind, "version": versions[kind]} for kind in ("immediate_delivery", "withdrawal_lost")],
        "billing_address": {
            "name": "Erika Musterfrau",
            "street": "Heidestraße 17",
            "postal_code": "51147",
            "city": "Köln",
            "country": "DE",
        },
    }
    return Buyers(running, people, body)
