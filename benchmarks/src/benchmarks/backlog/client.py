"""Stop services, sell, start them again, and print as JSON what catching up took.

Orders are placed while payments is stopped, and paid while orders is stopped; delivery, licensing and letters are
stopped all the time. Then they are started one after the other, each when the one before has nothing left to consume.
orders comes last: what it publishes runs through all others, until the last e-mail is accepted.

A service is measured from the moment when it is ready, for a start costs more than many sales. The figures are sums
over the five, in milliseconds a sale: `time`, and the CPU of each group of programs.

Usage: python -m benchmarks.backlog.client HOME [--release ROOT] --sales N [--concurrency C]
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from journeys.suite import Suite, suite
from stack.stack import Stack

from benchmarks.cpu import POSTGRES, SERVICES, TOGETHER, cpu_seconds, cpu_since
from benchmarks.release import OtherStack, Release
from benchmarks.sale.buyers import Buyers, at_once, buyers
from benchmarks.sale.client import REST_SECONDS, WARM_UP, times

STOPPED = ("payments", "delivery", "licensing", "letters", "orders")
LONGEST_SECONDS = 300
Done = Callable[[], Coroutine[Any, Any, object]]


async def stop(stack: Stack, names: Sequence[str]) -> None:
    """Stop programs side by side."""
    await asyncio.gather(*(asyncio.to_thread(stack.stop, name) for name in names))


async def start(stack: Stack, name: str, done: Done, sales: int) -> dict[str, float]:
    """Start a program, and return what it took from when it is ready until `done` returns."""
    await asyncio.to_thread(stack.start, name, wait=False)
    await asyncio.to_thread(stack.wait_ready, name, LONGEST_SECONDS)
    before, began = cpu_seconds(stack.home), time.monotonic()
    await done()
    return {"time": (time.monotonic() - began) * 1000 / sales, **cpu_since(stack.home, before, sales)}


async def caught_up(kafka: str, groups: Sequence[str]) -> None:
    """Wait until these groups have consumed everything in their partitions. Raises TimeoutError."""
    admin = cast("Any", AIOKafkaAdminClient(bootstrap_servers=kafka))
    consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=kafka))
    await admin.start()
    await consumer.start()
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            for group in groups:
                while True:
                    reached = await admin.list_consumer_group_offsets(group)
                    ends = await consumer.end_offsets(list(reached))
                    if all(position.offset >= ends[partition] for partition, position in reached.items()):
                        break
                    await asyncio.sleep(0.05)
    finally:
        await consumer.stop()
        await admin.close()


async def measure(running: Suite, people: Buyers, sales: int, concurrency: int) -> dict[str, float]:
    """Build up a backlog, and return what consuming it took."""
    stack, kafka = running.stack, running.state.kafka
    begun = datetime.now().astimezone()
    await stop(stack, [name for name in STOPPED if name != "orders"])
    orders = await at_once(concurrency, (people.place(number) for number in range(sales)))
    await asyncio.sleep(REST_SECONDS)
    parts = [await start(stack, "payments", partial(caught_up, kafka, ["payments"]), sales)]
    await stop(stack, ["orders"])
    await people.sign_in()
    await at_once(concurrency, (people.pay(number, order) for number, order in enumerate(orders)))
    await asyncio.sleep(REST_SECONDS)

    async def sent() -> None:
        await times(kafka, begun, set(orders))
        await caught_up(kafka, STOPPED)

    chain = ("delivery", "licensing", "letters")
    parts += [await start(stack, name, partial(caught_up, kafka, [name]), sales) for name in chain]
    parts.append(await start(stack, "orders", sent, sales))
    names = ("time", TOGETHER, *(f"cpu of {group}" for group in (SERVICES, POSTGRES, "Kafka")))
    return {name: sum(part[name] for part in parts) for name in names}


def client(
    home: Annotated[Path, typer.Argument(help="The directory of the stack that runs.")],
    release: Annotated[Path | None, typer.Option(help="The checkout that runs there, if not this one.")] = None,
    sales: Annotated[int, typer.Option(min=2)] = 100,
    concurrency: Annotated[int, typer.Option(min=1, help="Orders placed or paid at once.")] = 24,
) -> None:
    """Build up a backlog, and print what catching up took."""

    async def run() -> dict[str, float]:
        stack = Stack(home) if release is None else OtherStack(home, Release.at(release))
        async with suite(stack) as running:
            people = await buyers(running)
            await people.flat_out(WARM_UP, WARM_UP)
            await asyncio.sleep(REST_SECONDS)
            return await measure(running, people, sales, concurrency)

    json.dump(asyncio.run(run()), sys.stdout)


if __name__ == "__main__":
    typer.run(client)
