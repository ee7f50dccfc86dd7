"""Sell on a running suite, with the packages of the release that runs there and no others.

Each release has buyers of its own, for its doors change from release to release; what they do is the same (`Buyers`).
When to begin, how many buy at once and how it is timed are this program's, and so the same for every release. It may
use only what every release has: `stack.Stack`, `journeys.suite`, `contracts.wire`, and `buyers` of its benchmarks.

Times are those of the events in Kafka: from the first OrderPlaced to the last EmailSent, and for each order from
OrderPaid to EmailSent, whose time is when the mail server accepted.

Usage: PYTHONPATH=... python -P client.py HOME

It warms up, answers "ready", and then each line `flat_out SALES AT_ONCE` or `steadily SALES RATE` with the sales a
second and the waiting times, once the last e-mail of these sales has been accepted.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from contracts.wire import Attributes
from journeys.suite import suite
from stack.stack import Stack

WARM_UP = 10
REST_SECONDS = 2
PATIENCE_SECONDS = 120
TOPICS = ("OrderPlaced", "OrderPaid", "EmailSent")


async def times(kafka: str, since: datetime, orders: set[str]) -> dict[str, dict[str, datetime]]:
    """Wait for the events of all orders, and return the times of TOPICS by topic and order.

    EmailSent is the first of an order, and its time is when the mail server accepted. Raises TimeoutError.
    """
    consumer = cast(
        "Any", AIOKafkaConsumer(*TOPICS, bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None)
    )
    await consumer.start()
    found: dict[str, dict[str, datetime]] = {topic: {} for topic in TOPICS}
    try:
        partitions: set[TopicPartition] = consumer.assignment()
        start = int(since.timestamp() * 1000)
        for partition, first in (await consumer.offsets_for_times(dict.fromkeys(partitions, start))).items():
            if first is not None:
                consumer.seek(partition, first.offset)
        end = time.monotonic() + PATIENCE_SECONDS
        while any(len(of_topic) < len(orders) for of_topic in found.values()):
            if time.monotonic() > end:
                raise TimeoutError(f"{len(found['EmailSent'])} of {len(orders)} orders had their e-mail")
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    order, at = record.key.decode(), Attributes.parse(record.headers).time
                    if order in orders and at is not None:
                        found[record.topic].setdefault(order, at)
        return found
    finally:
        await consumer.stop()


async def sold(kafka: str, people: Any, how: str, sales: str, pace: str) -> dict[str, float]:
    """Sell, and return how fast it went."""
    begun = datetime.now().astimezone()
    selling = people.flat_out(int(sales), int(pace)) if how == "flat_out" else people.steadily(int(sales), float(pace))
    orders: set[str] = await selling
    found = await times(kafka, begun, orders)
    placed, paid, accepted = (found[topic] for topic in TOPICS)
    waits = [(accepted[order] - paid[order]).total_seconds() * 1000 for order in orders]
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    seconds = (max(accepted.values()) - min(placed.values())).total_seconds()
    return {"per_second": len(orders) / seconds, "p50_ms": cuts[49], "p99_ms": cuts[98]}


async def main(home: Path, answers: TextIO) -> None:
    """Sell what each line of standard input says."""
    # 07ebe1e and earlier releases have it in `load`
    of_release: Any = import_module(f"benchmarks.sale.{'buyers' if find_spec('benchmarks.sale.buyers') else 'load'}")
    async with suite(Stack(home)) as running:
        people = await of_release.buyers(running)
        await people.flat_out(WARM_UP, WARM_UP)
        await asyncio.sleep(REST_SECONDS)
        answer(answers, "ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            answer(answers, await sold(running.state.kafka, people, *line.split()))


def answer(answers: TextIO, value: Any) -> None:
    """Write one line."""
    answers.write(json.dumps(value) + "\n")
    answers.flush()


if __name__ == "__main__":
    # Only answers go to standard output.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    asyncio.run(main(Path(sys.argv[1]), out))
