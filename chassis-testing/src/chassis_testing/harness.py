"""A service in-process, on a database and topics of its own; its tests publish what other services would."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

import aiohttp
import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from chassis.config.clock import Clock
from chassis.config.settings import ServiceSettings
from chassis.service.running import Running
from chassis.service.service import Service
from contracts.accounts import TenantOpened
from contracts.event import Event
from contracts.wire import decode, encode, headers
from uuid_utils.compat import uuid7

from chassis_testing.accounts import KeyServer
from chassis_testing.broker import Broker
from chassis_testing.stack import Infrastructure

T = TypeVar("T")
PARTITIONS = 3
PATIENCE = float(os.environ.get("PATIENCE", "3"))
# A connection that was kept may have been ended since by what is tested.
CUT = (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, OSError)
UNFINISHED = """
select (select count(*) from chassis.outbox) + (select count(*) from chassis.parked where state = 'waiting')
"""


@dataclass(slots=True)
class Faults:
    """The faults of a test: the function planned for a point is called when the service passes the point."""

    planned: dict[str, Callable[[], None]] = field(default_factory=dict[str, Callable[[], None]])
    passed: list[str] = field(default_factory=list[str])

    def __call__(self, point: str) -> None:
        """Record that the service passes the point, and call what is planned there."""
        self.passed.append(point)
        plan = self.planned.get(point)
        if plan is not None:
            plan()


@dataclass(slots=True)
class Harness:
    """A service under test: `http` calls it, `publish` lets it consume events, `published` are its own."""

    service: Service[Any]
    infrastructure: Infrastructure
    prefix: str
    database_url: str
    settings: ServiceSettings
    accounts: KeyServer
    clock_file: Path
    http: aiohttp.ClientSession
    broker: Broker
    topics: Collection[str]
    topics_consumed: frozenset[str]
    fault: Faults
    base_url: str = ""
    log: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    ends: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    listener: Any = None
    running: Running | None = None
    _free: list[Any] = field(default_factory=list[Any])
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def clock(self) -> Clock:
        """The service's clock."""
        return Clock(self.clock_file)

    @property
    def admin_url(self) -> str:
        """The base URL of the service's port for operators."""
        return self.running.admin_url if self.running else ""

    def admin(self, path: str) -> Any:
        """Ask the service on its operators' port: probes, metrics, the description."""
        return self.http.get(self.admin_url + path)

    def shift_clock(self, seconds: float) -> None:
        """Move the service's clock forward; its jobs look at once what that makes due."""
        self.clock_file.write_text(str(float(self.clock_file.read_text()) + seconds))
        if self.running is not None:
            database = self.running.database
            database.clock.fresh()
            database.committed(False, {job.trigger for job in self.running.jobs})

    def next_sequence(self, count: int = 1) -> int:
        """Take `count` sequence numbers and return the first."""
        numbers = [next(self._numbers) for _ in range(count)]
        return numbers[0]

    async def publish(
        self,
        *events: Event,
        source: str | None = None,
        event_id: UUID | None = None,
        at: datetime | None = None,
        sequence: int | None = None,
    ) -> list[UUID]:
        """Publish events to Kafka as other services would, and return their ids."""
        ids: list[UUID] = []
        for event in events:
            id_ = event_id or uuid7()
            named = headers(
                event,
                id=id_,
                source=source or getattr(event, "service", event.DECLARED.published_by),
                time=at or self.clock.now(),
                sequence=self.next_sequence() if sequence is None else sequence,
            )
            await self.publish_raw(event.DECLARED.topic, event.record_key.encode(), encode(event), named)
            ids.append(id_)
        return ids

    async def publish_raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]]
    ) -> None:
        """Publish any bytes to Kafka."""
        sent = await cast("Any", self.broker.producer).send_and_wait(
            self.prefix + topic, key=key, value=value, headers=list(headers)
        )
        if topic in self.topics_consumed:
            self.ends[TopicPartition(sent.topic, sent.partition)] = sent.offset + 1

    async def open_tenants(self, *tenants: str) -> None:
        """Open tenants as accounts does, those that are not open, and wait until the service knows of them."""

        async def lacking() -> set[str]:
            return set(tenants) - {row["id"] for row in await self.sql("select id from chassis.tenants")}

        async def known() -> bool:
            return not await lacking()

        opened = [TenantOpened.model_validate({**TenantOpened.EXAMPLE, "tenant": one}) for one in await lacking()]
        if opened:
            await self.publish(*opened)
            await until(known, what="the tenants to be known")

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Consume the service's topics and keep every record in `log`."""
        kafka = self.infrastructure.kafka
        consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest"))
        await consumer.start()
        # not subscribed: a subscription leaves out a topic for as long as the broker has no leader for it
        parts = [TopicPartition(self.prefix + topic, number) for topic in self.topics for number in range(PARTITIONS)]
        consumer.assign(parts)
        self.listener = consumer
        keeping = asyncio.create_task(self._keep(consumer), name="keep records")
        try:
            yield
        finally:
            keeping.cancel()
            # it ends as if it were cancelled where a fetch has failed, as after a while without asynchronous tests
            await asyncio.wait({asyncio.create_task(consumer.stop(), name="stop listening")})

    async def _keep(self, consumer: Any) -> None:
        async for record in consumer:
            self.log.setdefault(record.topic.removeprefix(self.prefix), []).append(record)

    async def published(self, event: type[Event], *, at_least: int = 1, timeout: float = 15) -> list[Any]:  # noqa: ASYNC109 -- a test reads better so
        """Return the published events of a type, once there are `at_least` so many."""
        topic = event.DECLARED.topic

        async def enough() -> list[Event] | None:
            return events() if len(self.log.get(topic, [])) >= at_least else None

        def events() -> list[Event]:
            return [decode(topic, record.value) for record in self.log.get(topic, [])]

        return events() if at_least == 0 else await until(enough, timeout=timeout, what=f"{at_least} {topic}")

    async def sql(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """Query the service's database, on a connection that no other query has meanwhile."""
        while True:
            kept = bool(self._free)
            connection = self._free.pop() if kept else await asyncpg.connect(self.database_url)
            try:
                found = await connection.fetch(query, *args)
            except BaseException as error:
                connection.terminate()
                if not (kept and isinstance(error, CUT)):
                    raise
            else:
                self._free.append(connection)
                return found

    def disconnect(self) -> None:
        """End the connections to the database that queries have left open."""
        while self._free:
            self._free.pop().terminate()

    async def settled(self) -> None:
        """Wait until the service has consumed all events published here, and its own are in `log`."""

        async def quiet() -> bool:
            behind = False
            if self.ends:  # a Kafka without any consumer group answers with an error
                offsets: Any = await self.broker.committed(f"{self.prefix}{self.service.name}")
                behind = any(part not in offsets or offsets[part].offset < end for part, end in self.ends.items())
            return not behind and not (await self.sql(UNFINISHED))[0][0]

        await until(quiet, timeout=20, what="all events to be handled")
        await self._consume_all()

    async def _consume_all(self) -> None:
        consumer = self.listener
        if consumer is None:
            return
        ends = await self.broker.ends(consumer.assignment())

        async def read() -> bool:
            return all([await consumer.position(part) >= end for part, end in ends.items()])

        await until(read, what="the topics to be consumed")

    def bearer(self, token: str, **headers: str) -> dict[str, str]:
        """Return the headers of a request with a token."""
        return {"Authorization": f"Bearer {token}", **headers}


async def until(
    question: Callable[[], Awaitable[T | None]],
    *,
    timeout: float = 10,  # noqa: ASYNC109 -- a test reads better so
    what: str = "it",
) -> T:
    """Ask until the answer is truthy and return it; `timeout` is in seconds, times PATIENCE for busy machines."""
    patience = asyncio.timeout(timeout * PATIENCE)
    try:
        async with patience:
            while not (answer := await question()):  # noqa: ASYNC110 -- what is asked tells nobody of a change
                await asyncio.sleep(0.03)
            return answer
    except TimeoutError:
        if not patience.expired():
            raise
        raise AssertionError(f"waited {timeout * PATIENCE:g} s for {what}") from None
