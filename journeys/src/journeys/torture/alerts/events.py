"""Events that cannot be handled, or are gone."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from journeys.suite import expect, until
from journeys.torture.alerts.provocation import Provocation
from journeys.torture.alerts.scene import Scene

TOPIC, READER = "MeetingLogged", "rewards"
UNREADABLE: Final = b'{"meeting": "none"}'
REFUSE: Final = "alter table meetings add constraint refused_by_a_drill check (false) not valid"
ACCEPT: Final = "alter table meetings drop constraint refused_by_a_drill"
PARKED_SECONDS: Final = 601.0
FIRST_WORD: Final = re.compile(r"^\s*(\d+)\b", re.MULTILINE)


@asynccontextmanager
async def unreadable(scene: Scene) -> AsyncGenerator[None]:
    """Somebody writes to a topic what is no event."""
    await _write(scene, 1)
    yield
    shown = await scene.run(READER, "dead", "list")
    ids = FIRST_WORD.findall(shown)
    expect(ids, f"dead list to name the event: {shown}")
    await scene.suite.stack_run(READER, "dead", "discard", *ids)


@asynccontextmanager
async def records_gone(scene: Scene) -> AsyncGenerator[None]:
    """Records of a topic are deleted while their reader is away."""
    stack = scene.suite.stack
    await asyncio.to_thread(stack.stop, READER)
    try:
        place, offset = await _write(scene, 3)
        admin: Any = AIOKafkaAdminClient(bootstrap_servers=scene.suite.state.kafka)
        await admin.start()
        try:
            await admin.delete_records({place: RecordsToDelete(before_offset=offset + 1)})
        finally:
            await admin.close()
    finally:
        await asyncio.to_thread(stack.start, READER, wait=False)
    yield
    shown = await scene.run(READER, "gaps", "list")
    ids = FIRST_WORD.findall(shown)
    expect(ids and TOPIC in shown, f"gaps list to name the gap: {shown}")
    for one in ids:
        await scene.suite.stack_run(READER, "gaps", "accept", one)


@asynccontextmanager
async def parked(scene: Scene) -> AsyncGenerator[None]:
    """An event fails again and again, for its row is refused; then ten minutes pass."""
    try:
        await scene.sql(READER, REFUSE)
        await scene.hold_meeting()

        async def waits() -> bool:
            return TOPIC in await scene.run(READER, "parked", "list")

        await until(waits, "the event to be parked", 60)
        await asyncio.to_thread(scene.suite.stack.shift_clock, PARKED_SECONDS)
        yield
    finally:
        await scene.sql(READER, ACCEPT)


async def _write(scene: Scene, count: int) -> tuple[TopicPartition, int]:
    """Write records that are no events; return where the last one lies."""
    producer: Any = AIOKafkaProducer(bootstrap_servers=scene.suite.state.kafka)
    await producer.start()
    try:
        sent = [await producer.send_and_wait(TOPIC, UNREADABLE, partition=0) for _ in range(count)]
    finally:
        await producer.stop()
    return TopicPartition(TOPIC, 0), sent[-1].offset


PROVOCATIONS: Final = (
    Provocation(("KontorDeadLetters",), f"a record of {TOPIC} that is no event", unreadable, READER),
    Provocation(("KontorGaps",), f"records of {TOPIC} deleted before rewards read them", records_gone, READER),
    Provocation(("KontorParkedLong",), "a table of rewards refuses an event, ten minutes pass", parked, READER),
)
