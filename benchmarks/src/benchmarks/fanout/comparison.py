"""Partners are sent the same orders by the service, and by a consumer and producer written by hand."""

import asyncio
import base64
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from contracts.partner import partner_events

from benchmarks.bench import Bench
from benchmarks.fanout.fill import channel_of
from benchmarks.home import Home, Program
from benchmarks.rounds import Better, Metric, Sample, Sides

ORDERS = 20_000
# who gets something; the others are only there
SERVED, FEW, MANY = 10, 10, 1_000
TARGETS = [f"partner.{channel_of(number)}.OrderPaid" for number in range(SERVED)]
SOURCES = [*partner_events(), "TenantOpened", "dead.partners"]
OPENED = """
insert into partners (id, tenant, channels, state, since, applied, wanted)
select name, 'kontor', array[name], 'open', now(), 1, 0
from (select 'p' || lpad(number::text, 4, '0') as name from generate_series(0, {last}) as number) as named;
insert into readers (tenant, channel, partner_id)
select tenant, id, id from partners
"""
Sender = Callable[[Home, str], AbstractAsyncContextManager[Program]]


@asynccontextmanager
async def ours(home: Home, prefix: str, partners: int = FEW) -> AsyncGenerator[Program]:
    """Run the service, which knows so many partners."""
    file = home.path / "partner-key"
    file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    own: Any = {"PARTNER_KEY_FILE": str(file), "KAFKA_ACCESS": "false", "TOPIC_PREFIX": prefix}
    async with home.database("partners") as database:
        await home.run("partners", "migrate", **home.settings(database), **own)
        await home.execute(database, OPENED.format(last=partners - 1))
        await home.tidy(database)
        async with home.service("partners", database, **own) as program:
            yield program


@asynccontextmanager
async def bare(home: Home, prefix: str) -> AsyncGenerator[Program]:
    """Run what is written by hand."""
    own = {"KAFKA": home.state.kafka, "TOPIC": f"{prefix}OrderPaid", "PREFIX": prefix}
    async with home.program("benchmarks.fanout.bare", **own) as program:
        yield program


async def measure(home: Home, orders: int, sender: Sender) -> Sample:
    """Have a history of orders sent to partners' topics; how long that took, the brokers' records say."""
    async with home.topics(*SOURCES) as prefix, home.topics(*TARGETS, prefix=prefix, partitions=1):
        await home.run("benchmarks.fanout.fill", home.state.kafka, f"{prefix}OrderPaid", str(orders), str(SERVED))
        await home.settle()
        async with sender(home, prefix) as program:
            return await _sent(home.state.kafka, [prefix + name for name in TARGETS], orders, program)


async def _sent(kafka: str, topics: list[str], orders: int, program: Program) -> Sample:
    """Wait until all orders were sent; time is that between the first record and the last, as they say themselves."""
    consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest"))
    await consumer.start()
    try:
        parts = [TopicPartition(topic, 0) for topic in topics]
        first, _ = await _wait(consumer, parts, 1, program)
        began = program.cpu_seconds
        _, ends = await _wait(consumer, parts, orders, program)
        used = program.cpu_seconds - began
        consumer.assign(parts)
        times: list[int] = []
        for part in parts:
            for offset in (0, ends[part] - 1):
                consumer.seek(part, offset)
                times.append((await consumer.getone(part)).timestamp)
    finally:
        await consumer.stop()
    seconds = (max(times) - min(times)) / 1000
    return {"fan-out": orders / seconds, "processor time": used / max(1, orders - first) * 1e6}


async def _wait(consumer: Any, parts: list[TopicPartition], count: int, program: Program) -> tuple[int, Any]:
    """Wait until topics have so many records; return how many they have, and where each ends."""
    while (there := sum((ends := await consumer.end_offsets(parts)).values())) < count:
        program.check()
        await asyncio.sleep(0.1)
    return there, ends


@asynccontextmanager
async def by_hand(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Compare the service with what is written by hand."""
    orders = ORDERS // 20 if quick else ORDERS
    yield Sides(partial(measure, home, orders, ours), partial(measure, home, orders, bare))


@asynccontextmanager
async def in_a_crowd(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Compare the service that knows many partners with the service that knows few."""
    orders = ORDERS // 20 if quick else ORDERS
    crowd = partial(ours, partners=MANY)
    yield Sides(partial(measure, home, orders, crowd), partial(measure, home, orders, ours))


USED = Metric("processor time", "us an event", Better.LESS)
FANOUT = Bench(
    "fanout",
    f"How fast are {SERVED} partners sent their orders, against a bare consumer and producer?",
    (Metric("fan-out", "events/s", Better.MORE, ratio=0.5), USED),
    by_hand,
)
CROWD = Bench(
    "crowd",
    f"How fast are {SERVED} partners sent their orders among {MANY:,}, against {FEW}?",
    (Metric("fan-out", "events/s", Better.MORE, ratio=0.9), USED),
    in_a_crowd,
)
