"""A customer pays and stays on the order's page: how long after the letter does it show the finished delivery?

Measured is the way of one fact: the mail server has accepted the letter (the time of EmailSent), letters publishes it,
orders consumes it, the storefront sees the order's new state at its next look, and writes it to the browser. One sale
follows the other. There is no reference but another release; wanted are 300 ms (issue 13).
"""

import asyncio
import secrets
import statistics
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from journeys.shops import shop_file
from journeys.suite import Suite, suite, until
from stack.stack import Stack

from benchmarks.bench import Bench
from benchmarks.home import Home
from benchmarks.rounds import Better, Metric, Sample, Sides
from benchmarks.sale.buyers import Buyers, buyers
from benchmarks.sale.client import times
from benchmarks.thanks.browser import Customer, Shown, browser

SALES, QUICK_SALES = 30, 6
WANTED_MS = 300


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start the suite, open a shop with pages, and sign a customer in to them."""
    async with home.suite(), suite(Stack(home.path)) as running, browser() as http:
        people = await buyers(running)
        buyer = people.people[0]
        customer = Customer(http, await _pages(running, buyer.tenant))

        async def signed_in() -> bool:
            await customer.sign_in(buyer.email, buyer.password)
            return True

        await until(signed_in, "the pages to be known")
        yield Sides(partial(_measure, running, people, customer, QUICK_SALES if quick else SALES))


async def _measure(running: Suite, people: Buyers, customer: Customer, sales: int) -> Sample:
    since = datetime.now(UTC)
    shown = dict([await _buy(people, customer) for _ in range(sales)])
    accepted = (await times(running.state.kafka, since, set(shown)))["EmailSent"]
    waits = [(one.at - accepted[order].timestamp()) * 1000 for order, one in shown.items()]
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    return {
        "letter to page p50": cuts[49],
        "letter to page p95": cuts[94],
        "letter to page most": max(waits),
        "changes": statistics.mean(one.changes for one in shown.values()),
    }


async def _buy(people: Buyers, customer: Customer) -> tuple[str, Shown]:
    """Order, watch the order's page, pay, and return the order with when its page was finished."""
    order = await people.place(0)
    watching = asyncio.create_task(customer.follow(order))
    await people.pay(0, order)
    return order, await watching


async def _pages(running: Suite, tenant: str) -> str:
    port = running.state.ports["storefront"]
    host = f"{tenant}.localhost:{port}"
    named = {"shop": f"b{secrets.token_hex(4)}", "tenant": tenant, "hosts": [host]}
    file = await asyncio.to_thread(shop_file, Path(running.state.home), "kontor", port, **named)
    await running.stack_run("storefront", "shop", "open", "--file", str(file))
    return f"http://{host}"


THANKS = Bench(
    "thanks",
    f"How long after the letter does the page of an order show the finished delivery (wanted: {WANTED_MS} ms)?",
    (
        Metric("letter to page p50", "ms", Better.LESS),
        Metric("letter to page p95", "ms", Better.LESS),
        Metric("letter to page most", "ms", Better.LESS, judged=False),
        Metric("changes", "of the page", Better.LESS, judged=False),
    ),
    compare,
)
