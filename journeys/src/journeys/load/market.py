"""What the load needs: a shop with everything in stock, customers with accounts, prices, checkout texts."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from journeys.customer import Customer
from journeys.demo.opening import open_shop
from journeys.demo.programme import enrol, load_programme
from journeys.seller import Shop
from journeys.shops import BOXED, GENERATED, KEYLESS, SERIALS, stock_shop
from journeys.suite import Suite

DAY = 86_400
SKUS = {GENERATED: 40, KEYLESS: 30, SERIALS: 20, BOXED: 10}
ADDRESS = {"street": "Heidestraße 17", "postal_code": "51147", "city": "Köln", "country": "DE"}


@dataclass(slots=True)
class Market:
    """A shop and its customers; prices and texts are read once, for the load is about orders."""

    shop: Shop
    people: list[Customer]
    prices: dict[str, int]
    consents: list[dict[str, str]]

    def order(self, person: Customer, skus: dict[str, int], method: str) -> dict[str, Any]:
        """Return the body of an order."""
        return {
            "channel": "direct",
            "customer_type": "consumer",
            "language": person.language,
            "payment_method": method,
            "lines": [{"sku": sku, "quantity": n, "price": self.prices[sku]} for sku, n in skus.items()],
            "consents": self.consents,
            "billing_address": {"name": person.name, **ADDRESS},
        }


async def open_market(suite: Suite, customers: int, serials: int, *, meetings: bool = True) -> Market:
    """Open a shop under a new tenant, with customers who are members of its rewards programme.

    Without `meetings` the clock of the services stays as it is: those that are reported then lie in the future.
    """
    shop = await open_shop(suite, f"load{secrets.token_hex(3)}")
    await stock_shop(shop)
    await load_programme(suite, shop.tenant)
    await shop.seller.import_serials(SERIALS, serials)
    people = [
        Customer(suite, shop.tenant, f"Kundin {n}", f"{secrets.token_hex(8)}@example.org") for n in range(customers)
    ]
    for person in people:
        await person.arrive()
        await enrol(suite, person)
    # meetings begin after their host has become a member
    if meetings:
        await asyncio.to_thread(suite.stack.shift_clock, DAY)
        for person in (*people, shop.seller, shop.bookkeeper):
            await person.sign_in()
    window = await people[0].shop_window("direct")
    texts = await suite.call("orders", "GET", "/checkout-texts?language=de")
    versions = {text["kind"]: text["version"] for text in texts["items"]}
    consents = [{"kind": kind, "version": versions[kind]} for kind in ("immediate_delivery", "withdrawal_lost")]
    return Market(shop, people, {sku: window[sku]["price"] for sku in SKUS}, consents)


def meeting(host: str, number: int = 0) -> dict[str, Any]:
    """Return the report of a meeting that was just held, after so many others."""
    started = datetime.now(UTC) + timedelta(hours=2) + number * timedelta(minutes=45)
    return {
        "source": "conferencing/load",
        "host": host,
        "status": "held",
        "started_at": started.isoformat(),
        "ended_at": (started + timedelta(minutes=45)).isoformat(),
        "participants": 4,
    }
