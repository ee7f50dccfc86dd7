"""Sells:  python -m benchmarks.sale.client HOME --sales N [--rate R] [--at-once C] [--lines L]

Prints one JSON value. Times are those of the events on the log: from the first OrderPlaced to the last EmailSent, and
for each order from OrderPaid to EmailSent, which says when the mail server accepted.
"""

import asyncio
import json
import secrets
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from contracts.wire import Attributes
from journeys.customer import GOOD_CARD, Customer
from journeys.demo.opening import open_shop
from journeys.shops import GENERATED, KEYLESS, stock_shop
from journeys.suite import Suite, suite
from stack.stack import Stack

from benchmarks.cpu import cpu_seconds

CUSTOMERS = 10
WARM_UP = 10
PATIENCE_SECONDS = 120
READING_SECONDS = 0.1  # between the order's confirmation and the click that leads to the payment, and the next click
TOPICS = ("OrderPlaced", "OrderPaid", "EmailSent")


class Buyers:
    """Customers who know what they want; each sale is placed, and paid on the provider's page."""

    def __init__(self, running: Suite, people: list[Customer], body: dict[str, Any]) -> None:
        self.suite = running
        self.people = people
        self.body = body

    async def buy(self, number: int) -> str:
        """One order, paid; its id."""
        buyer = self.people[number % len(self.people)]
        placed = await self.suite.call("orders", "POST", "/orders", json=self.body, token=buyer.token)
        await asyncio.sleep(READING_SECONDS)
        while True:
            asked = await self.suite.call(
                "payments", "POST", "/payments", json={"order": placed["order"]}, token=buyer.token, expect=(201, 202)
            )
            if asked.get("url"):
                break
            await asyncio.sleep(READING_SECONDS)
        if not await buyer.enter_card(asked["url"], GOOD_CARD):
            raise RuntimeError("the card was declined")
        return placed["order"]

    async def flat_out(self, sales: int, concurrency: int) -> set[str]:
        """That many sales, so many of them side by side."""
        turn = asyncio.Semaphore(concurrency)

        async def one(number: int) -> str:
            async with turn:
                return await self.buy(number)

        return set(await asyncio.gather(*(one(number) for number in range(sales))))

    async def steadily(self, sales: int, rate: float) -> set[str]:
        """That many sales, each begun at its time whether or not those before have ended."""
        begun = time.monotonic()
        going: list[asyncio.Task[str]] = []
        for number in range(sales):
            going.append(asyncio.create_task(self.buy(number)))
            await asyncio.sleep(max(0.0, begun + (number + 1) / rate - time.monotonic()))
        return set(await asyncio.gather(*going))


async def buyers(running: Suite) -> Buyers:
    """A shop of its own, and customers who are signed in."""
    shop = await open_shop(running, f"b{secrets.token_hex(4)}")
    await stock_shop(shop)
    people = [
        Customer(running, shop.tenant, "Erika Musterfrau", f"{secrets.token_hex(6)}@example.org")
        for _ in range(CUSTOMERS)
    ]
    for person in people:
        await person.arrive()
    window = await people[0].shown("direct")
    texts = await running.call("orders", "GET", "/checkout-texts?language=de")
    versions = {text["kind"]: text["version"] for text in texts["texts"]}
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


async def times(kafka: str, since: datetime, orders: set[str]) -> dict[str, dict[str, datetime]]:
    """When each of the orders was placed, paid and its first e-mail accepted; waits until all are."""
    consumer = cast(
        "Any", AIOKafkaConsumer(*TOPICS, bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None)
    )
    await consumer.start()
    found: dict[str, dict[str, datetime]] = {topic: {} for topic in TOPICS}
    try:
        places: set[TopicPartition] = consumer.assignment()
        start = int(since.timestamp() * 1000)
        for place, first in (await consumer.offsets_for_times(dict.fromkeys(places, start))).items():
            if first is not None:
                consumer.seek(place, first.offset)
        end = time.monotonic() + PATIENCE_SECONDS
        while len(found["EmailSent"]) < len(orders):
            if time.monotonic() > end:
                raise TimeoutError(f"{len(found['EmailSent'])} of {len(orders)} orders had their e-mail")
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    order, said = record.key.decode(), Attributes.parse(record.headers).time
                    if order in orders and said is not None:
                        found[record.topic].setdefault(order, said)
        return found
    finally:
        await consumer.stop()


async def _run(home: Path, sales: int, rate: float, concurrency: int) -> dict[str, float]:
    async with suite(Stack(home)) as running:
        people = await buyers(running)
        await people.flat_out(WARM_UP, WARM_UP)
        await asyncio.sleep(2)
        begun, before = datetime.now().astimezone(), cpu_seconds(home)
        orders = await (people.steadily(sales, rate) if rate else people.flat_out(sales, concurrency))
        found = await times(running.state.kafka, begun, orders)
        after = cpu_seconds(home)
    placed, paid, accepted = (found[topic] for topic in TOPICS)
    waits = [(accepted[order] - paid[order]).total_seconds() * 1000 for order in orders]
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    seconds = (max(accepted.values()) - min(placed.values())).total_seconds()
    return {
        "per_second": sales / seconds,
        "p50_ms": cuts[49],
        "p99_ms": cuts[98],
    } | {f"cpu: {program}": (seconds - before.get(program, 0)) / sales * 1000 for program, seconds in after.items()}


def load(
    home: Annotated[Path, typer.Argument(help="The directory of the stack that runs.")],
    sales: Annotated[int, typer.Option(min=2)] = 100,
    rate: Annotated[float, typer.Option(help="Sales begun a second; 0: as many as go.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="Side by side, where no rate is given.")] = 24,
) -> None:
    """Sell, and print how fast it went."""
    json.dump(asyncio.run(_run(home, sales, rate, concurrency)), sys.stdout)


if __name__ == "__main__":
    typer.run(load)
