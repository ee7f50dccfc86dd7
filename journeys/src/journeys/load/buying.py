"""One order, from its placing to its refund, as its customer and the seller's staff drive it."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from journeys.customer import GOOD_CARD, Customer
from journeys.load.bank import Bank
from journeys.load.client import NoAnswer, Refused, RetryingClient
from journeys.load.market import SKUS, Market, meeting
from journeys.load.promises import Promise, Promises

TRANSFERS, UNPAID, REFUNDS, SEVERAL = 0.25, 0.05, 0.1, 0.3
LOOK_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a customer is going to do with one order."""

    skus: dict[str, int]
    method: str
    pays: bool
    returns: bool


def make_plan(chance: random.Random) -> Plan:
    """Draw a customer's plan from the mix."""
    count = 2 if chance.random() < SEVERAL else 1
    skus = chance.choices(list(SKUS), list(SKUS.values()), k=count)
    method = "transfer" if chance.random() < TRANSFERS else "card"
    quantities = {sku: chance.choice((1, 1, 1, 2)) for sku in skus}
    return Plan(quantities, method, chance.random() >= UNPAID, chance.random() < REFUNDS)


@dataclass(slots=True)
class Buying:
    """Drives orders, and keeps what was promised for each."""

    market: Market
    client: RetryingClient
    bank: Bank
    promises: Promises

    async def buy(self, person: Customer, plan: Plan) -> None:
        """Order, pay and refund, as the plan says."""
        try:
            promise = await self._order(person, plan)
            if plan.pays:
                await (self._transfer if plan.method == "transfer" else self._card)(person, promise)
            if plan.pays and plan.returns:
                await self._refund(person, promise)
        except NoAnswer:
            self.promises.counts["no answer"] += 1
        except Refused as refused:
            self.promises.counts[f"refused: {refused}"] += 1

    async def meet(self, person: Customer) -> None:
        """Have a meeting logged."""
        clerk, name = self.market.shop.seller, str(uuid4())
        body = {"meeting": name, **meeting(person.id)}
        try:
            await self.client.ask(
                "rewards",
                "POST",
                "/meetings",
                token=lambda: clerk.token,
                renew=clerk.sign_in,
                expect=(202,),
                come_again=(),
                json=body,
            )
        except (NoAnswer, Refused) as error:
            self.promises.counts[f"meeting: {error}"] += 1
        else:
            self.promises.meetings.add(name)

    async def _order(self, person: Customer, plan: Plan) -> Promise:
        body = self.market.order(person, plan.skus, plan.method)
        placed = await self._ask(person, "orders", "POST", "/orders", json=body)
        promise = Promise(placed["order"], sum(plan.skus.values()))
        self.promises.orders[promise.order] = promise
        return promise

    async def _card(self, person: Customer, promise: Promise) -> None:
        checkout = await self._ask(person, "payments", "POST", "/payments", json={"order": promise.order})
        if not await person.enter_card(checkout["url"], GOOD_CARD):
            raise Refused("a good card")
        promise.paid = True

    async def _transfer(self, person: Customer, promise: Promise) -> None:
        asked = await self._ask(person, "payments", "GET", f"/orders/{promise.order}/transfer")
        await self.bank.transfer(asked["iban"], asked["reference"], asked["amount"])
        promise.paid = True

    async def _refund(self, person: Customer, promise: Promise) -> None:
        """Have the first line's units refunded, once they are paid."""
        deadline = time.monotonic() + self.client.patience
        while True:
            view = await self._ask(person, "orders", "GET", f"/orders/{promise.order}")
            if view["state"] != "open":
                break
            if time.monotonic() > deadline:
                raise NoAnswer
            await asyncio.sleep(LOOK_EVERY)
        units = [unit["unit"] for unit in view["lines"][0]["units"]]
        clerk = self.market.shop.seller
        await self.client.ask(
            "orders",
            "POST",
            f"/orders/{promise.order}/refunds",
            token=lambda: clerk.token,
            renew=clerk.sign_in,
            json={"units": units, "reason": "goodwill"},
        )
        promise.refunded = len(units)

    async def _ask(self, person: Customer, service: str, method: str, path: str, **how: Any) -> Any:
        return await self.client.ask(service, method, path, token=lambda: person.token, renew=person.sign_in, **how)
