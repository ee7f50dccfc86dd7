"""Sell on a running suite, and print one sample as JSON.

Times are those of the events in Kafka: from the first OrderPlaced to the last EmailSent, and for each order from
OrderPaid to EmailSent.

Usage: python -m benchmarks.sale.client HOME [--release ROOT] --sales N --steady M [--rate R] [--concurrency C]
"""

import asyncio
import json
import statistics
import sys
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from journeys.suite import suite
from stack.stack import Stack

from benchmarks.cpu import TOGETHER, cpu_seconds, cpu_since
from benchmarks.home import Home
from benchmarks.release import OtherStack, Release
from benchmarks.sale.buyers import TOPICS, Buyers, buyers, times

WARM_UP = 10
REST_SECONDS = 2

HomeArgument = Annotated[Path, typer.Argument(help="The directory of the stack that runs.")]
ReleaseOption = Annotated[Path | None, typer.Option(help="The checkout whose programs run there, if not this one.")]


def running_stack(home: Path, release: Path | None) -> Stack:
    """Return the stack of a home, which runs this or another release."""
    return Stack(home) if release is None else OtherStack(home, Release.at(release))


async def warmed_up(people: Buyers) -> None:
    """Sell a little that is not measured."""
    await people.flat_out(WARM_UP, WARM_UP)
    await asyncio.sleep(REST_SECONDS)


async def _sales(stack: Stack, selling: Coroutine[Any, Any, set[str]]) -> dict[str, float]:
    """Measure sales from the first OrderPlaced to the last EmailSent."""
    begun, before = datetime.now().astimezone(), cpu_seconds(stack.home)
    orders = await selling
    found = await times(stack.state.kafka, begun, orders)
    cpu = cpu_since(stack.home, before, len(orders))
    placed, paid, accepted = (found[topic] for topic in TOPICS)
    waits = [(accepted[order] - paid[order]).total_seconds() * 1000 for order in orders]
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    seconds = (max(accepted.values()) - min(placed.values())).total_seconds()
    return {"per_second": len(orders) / seconds, "p50_ms": cuts[49], "p99_ms": cuts[98], **cpu}


async def _sample(stack: Stack, sales: int, concurrency: int, steady: int, rate: float) -> dict[str, float]:
    async with suite(stack) as running:
        people = await buyers(running)
        await warmed_up(people)
        most = await _sales(stack, people.flat_out(sales, concurrency))
        await Home(stack, stack.state).settle()
        at_rate = await _sales(stack, people.steadily(steady, rate))
    return {
        "sales": most["per_second"],
        "paid to accepted p50": at_rate["p50_ms"],
        "paid to accepted p99": at_rate["p99_ms"],
        "arrived": at_rate["per_second"],
        f"{TOGETHER} at 5/s": at_rate[TOGETHER],
    } | {name: value for name, value in most.items() if name.startswith("cpu")}


def client(
    home: HomeArgument,
    release: ReleaseOption = None,
    sales: Annotated[int, typer.Option(min=2)] = 100,
    steady: Annotated[int, typer.Option(min=2)] = 50,
    rate: Annotated[float, typer.Option(help="Steady sales begun a second.")] = 5,
    concurrency: Annotated[int, typer.Option(min=1, help="Sales at once, flat out.")] = 24,
) -> None:
    """Sell flat out and then steadily, and print how fast it went."""
    stack = running_stack(home, release)
    json.dump(asyncio.run(_sample(stack, sales, concurrency, steady, rate)), sys.stdout)


if __name__ == "__main__":
    typer.run(client)
