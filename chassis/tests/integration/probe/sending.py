"""A relay without a service: a database with an outbox, topics, and as many relays as a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from string import ascii_letters
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from chassis.config.brokers import Brokers
from chassis.config.clock import Clock
from chassis.db import Database
from chassis.publishing.producer import Producer
from chassis.publishing.relay import Relay
from chassis_testing.harness import Faults, until
from contracts.event import Event, Public
from contracts.shared import MeetingLogged

from probe.around import records_of
from probe.web import meeting

TOPIC = "MeetingLogged"
WIDE = 1_048_588  # what a broker takes by default


class LaterMeetingLogged(MeetingLogged, abstract=True):
    """A meeting as a later version may say it: with a field that today's readers do not know, and of any length."""

    remarks: Public[str]


@dataclass(slots=True)
class Outbox:
    """An outbox that tests fill, and the topics it goes to."""

    kafka: str
    prefix: str
    url: str
    seen: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    database: Database = field(init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.url, "probe", Clock(), connections=20)

    async def publish(self, *events: Event) -> None:
        async with self.database.begin() as tx:
            tx.publish(*events)

    async def sql(self, query: str, *args: Any) -> list[asyncpg.Record]:
        async with self.database.begin() as tx:
            return await tx.fetch(query, *args)

    async def notify(self) -> None:
        await self.sql("notify outbox")

    async def empty(self) -> bool:
        return not (await self.sql("select 1 from chassis.outbox where refused is null limit 1"))

    async def all_records(self, topic: str = TOPIC) -> list[Any]:
        return await records_of(self.kafka, self.prefix + topic)

    async def records(self, topic: str = TOPIC) -> list[Any]:
        """Return what has come since this test began."""
        found = await self.all_records(topic)
        return [record for record in found if topic != TOPIC or position_of(record) not in self.seen]

    async def meetings(self, host: UUID) -> list[UUID]:
        """Return the meetings of a host in the topic, in order."""
        mine = [record for record in await self.records() if record.key == str(host).encode()]
        return [MeetingLogged.model_validate_json(record.value).meeting for record in mine]

    def relay(self, fault: Callable[[str], Any] | None = None) -> Relay:
        return Relay(self.database, Producer(Brokers([self.kafka]), "probe", self.prefix), fault or Faults())

    async def limit(self, topic: str, size: int) -> None:
        await limit(self.kafka, self.prefix + topic, size)

    def behind_the_back(self, query: str) -> None:
        """Run a statement at once from where nothing can be awaited."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url)
            await connection.execute(query)
            await connection.close()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, run()).result()


async def limit(kafka: str, topic: str, size: int) -> None:
    """Let Kafka refuse larger batches; it does so by the time this returns."""
    setting = "max.message.bytes"
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()

    async def taken() -> bool:
        wanted = ConfigResource(ConfigResourceType.TOPIC, topic, configs={setting: str(size)})
        (answer,) = await admin.alter_configs([wanted])
        return all(code == 0 for code, *_ in answer.resources)  # aiokafka raises nothing where it is refused

    async def in_force() -> bool:
        # the controller answers before the broker knows of the change
        asked = ConfigResource(ConfigResourceType.TOPIC, topic, configs={setting: ""})
        (answer,) = await admin.describe_configs([asked])
        (resource,) = answer.resources
        return [value for name, value, *_ in resource[4] if name == setting] == [str(size)]

    try:
        await until(taken, what="Kafka to take a limit")
        await until(in_force, what="the limit to be in force")
    finally:
        await admin.close()


def position_of(record: Any) -> tuple[int, int]:
    return record.partition, record.offset


@asynccontextmanager
async def at_work(*relays: Relay) -> AsyncGenerator[None]:
    """Run relays, and stop them gracefully at the end."""
    stopping = asyncio.Event()
    parts = [part for relay in relays for part in (relay.run(stopping), relay.notify(stopping))]
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


async def holds(relay: Relay) -> bool:
    return relay.lease.holds


async def passed(faults: Faults, point: str) -> bool:
    return point in faults.passed


def some(host: UUID, count: int) -> list[MeetingLogged]:
    return [meeting(UUID(int=host.int + number + 1), host) for number in range(count)]


def large(host: UUID, number: int, size: int) -> MeetingLogged:
    """Return a meeting of so many bytes that compression does not make smaller."""
    import random

    # letters only: among so many digits there would be what looks like a card number
    text = "".join(random.Random(number).choices(ascii_letters, k=size))
    return LaterMeetingLogged(**dict(meeting(UUID(int=host.int + number), host)), remarks=text)


@contextlib.contextmanager
def crashing(faults: Faults, point: str, times: int = 1) -> Generator[None]:
    """Raise an exception at a named point, so many times."""
    left = [times]

    def crash() -> None:
        if left[0]:
            left[0] -= 1
            raise RuntimeError(point)

    faults.planned[point] = crash
    yield
    del faults.planned[point]
