"""What tests look for around the probe: effects, messages that wait, dead letters."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from chassis.db import Tx
from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.shared import MeetingLogged
from contracts.wire import encode, headers

from probe import script
from probe.web import meeting

EFFECTS = "select meeting from effects where host = $1 order by position"
WAITING = "select id from chassis.parked where key = $1 and state = 'waiting'"
DEAD = "select reason from chassis.parked where key = $1 and state = 'dead' order by id"


def key(host: UUID) -> bytes:
    """Return the record key of a host's events."""
    return str(host).encode()


async def effects(probe: Harness, host: UUID) -> list[UUID]:
    """Return the meetings of a host that took effect, in order."""
    return [row["meeting"] for row in await probe.sql(EFFECTS, host)]


async def waiting(probe: Harness, host: UUID, count: int) -> bool:
    """Return whether so many messages of a host are parked and wait."""
    return len(await probe.sql(WAITING, key(host))) == count


async def dead(probe: Harness, host: UUID) -> list[str]:
    """Return why a host's dead letters failed."""
    return [row["reason"] for row in await probe.sql(DEAD, key(host))]


async def dead_copy(probe: Harness, host: UUID) -> Any:
    """Return the first copy of a host's dead letter, once it is in the topic of dead letters."""

    async def first() -> Any:
        return next((record for record in probe.log.get("dead.probe", []) if record.key == key(host)), None)

    return await until(first, what="a copy in the dead topic")


async def counted(probe: Harness, metric: str) -> float:
    """Return the sum of a metric over its labels."""
    async with probe.admin("/metrics") as answer:
        return sum(float(n) for n in re.findall(rf"^{metric}(?:{{.*}})? (\S+)$", await answer.text(), re.MULTILINE))


async def settled_by_clock(probe: Harness) -> None:
    """Let the clock run ahead until nothing waits."""

    async def quiet() -> bool:
        probe.shift_clock(600)
        return not await probe.sql("select 1 from chassis.parked where state = 'waiting'")

    await until(quiet, timeout=30, what="all parked events to be through")
    await probe.settled()


async def publish_together(probe: Harness, event_id: UUID, *events: MeetingLogged) -> None:
    """Send events of one id to Kafka together, so that they are consumed in one batch."""
    producer: Any = probe.broker.producer
    topic = f"{probe.prefix}MeetingLogged"
    sending: list[Any] = []
    for event in events:
        named = headers(event, id=event_id, source="several", time=probe.clock.now())
        sending.append(await producer.send(topic, key=event.record_key.encode(), value=encode(event), headers=named))
    for sent in await asyncio.gather(*sending):
        probe.ends[TopicPartition(sent.topic, sent.partition)] = sent.offset + 1


@asynccontextmanager
async def held_up(probe: Harness, host: UUID, gate: UUID) -> AsyncGenerator[None]:
    """Hold the consumer at an event of this host, so that all that is published meanwhile becomes one batch."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Tx | None) -> None:
        reached.set()
        await go_on.wait()

    script.planned[gate] = [wait]
    await probe.publish(meeting(gate, host))
    await asyncio.wait_for(reached.wait(), 10)
    try:
        yield
    finally:
        go_on.set()
