"""What several tests do around the probe: another replica, what stands in a topic, a wire that can be cut."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import aiohttp
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis.running import Running, running
from chassis.testing import Harness, databases
from chassis.testing.accounts import key_server
from chassis.testing.fixtures import declared_topics
from chassis.testing.harness import Faults, until
from chassis.testing.stack import Infrastructure

from probe.__main__ import service
from probe.settings import Settings

OWN_TOPICS = ("MeetingLogged", "CustomerErased", "ErasureConfirmed", "dead.probe")


@asynccontextmanager
async def site(
    infrastructure: Infrastructure, directory: Path, *, only_own_topics: bool = False, **settings: Any
) -> AsyncGenerator[Harness]:
    """A database, topics and the others' voices, where no replica runs until a test starts one."""
    clock_file, secret_file = directory / "clock", directory / "secret"
    clock_file.write_text("0")
    secret_file.write_text("a secret of the probe")
    prefix, kafka = f"t{uuid4().hex[:8]}.", infrastructure.kafka
    async with (
        key_server(clock_file) as accounts,
        databases.fresh(infrastructure.postgres, service) as database,
        own_topics(kafka, prefix) if only_own_topics else declared_topics(kafka, prefix, service.name),
        aiohttp.ClientSession() as http,
    ):
        given: dict[str, Any] = {
            "database_url": database,
            "kafka": kafka,
            "accounts_url": accounts.url,
            "public_url": "http://127.0.0.1",
            "service_secret_file": secret_file,
            "clock_file": clock_file,
            "topic_prefix": prefix,
            "http_port": 0,
            **settings,
        }
        producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
        await producer.start()
        harness = Harness(
            service=service,
            infrastructure=infrastructure,
            prefix=prefix,
            database_url=database,
            settings=Settings(**given),
            accounts=accounts,
            clock_file=clock_file,
            http=http,
            producer=producer,
            topics_heard=frozenset({"MeetingLogged", "CustomerErased"}),
            fault=Faults(),
        )
        yield harness
        await producer.stop()


@asynccontextmanager
async def own_topics(kafka: str, prefix: str) -> AsyncGenerator[None]:
    """The few topics that the probe hears and says, for many sites at once."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    names = [prefix + name for name in OWN_TOPICS]
    try:
        await admin.create_topics([NewTopic(name, 3, 1) for name in names])
        yield
    finally:
        await admin.delete_topics(names)
        await admin.close()


@asynccontextmanager
async def replica(
    home: Harness, fault: Callable[[str], Any] | None = None, *, ready: bool = True, **settings: Any
) -> AsyncGenerator[tuple[Running, str]]:
    """Another replica of the probe, on the same database and topics, under the same or other settings."""
    configured = home.settings.model_copy(update=settings)
    async with running(
        service.name, service.description, configured, service.doors, service.series, fault or home.fault
    ) as (house, url):
        if ready:
            await until(lambda: answers(url, "/readyz", 200), timeout=20, what="the replica to be ready")
        yield house, url


async def answers(url: str, path: str, status: int, *words: str) -> bool:
    """Whether an address answers with this status, and with these words in it."""
    async with aiohttp.ClientSession() as http, http.get(url + path) as answer:
        text = await answer.text()
        return answer.status == status and all(word in text for word in words)


async def records_of(kafka: str, topic: str) -> list[Any]:
    """All records of a topic, partition by partition, each in its order."""
    consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest"))
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(3)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Any] = []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for part in (await consumer.getmany(timeout_ms=200)).values():
                found += part
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()


@dataclass(slots=True)
class Wire:
    """A TCP port that passes everything on to a server, until it is told to stall or to hang up."""

    upstream: Callable[[], Any]
    port: int = 0
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])
    server: asyncio.Server | None = None

    async def listen(self) -> None:
        self.stalled.set()
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    def stall(self) -> None:
        """Let nothing through, yet keep every connection."""
        self.stalled.clear()

    def go_on(self) -> None:
        self.stalled.set()

    def hang_up(self) -> None:
        """Cut all connections and take no more."""
        if self.server is not None:
            self.server.close()
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()
        self.stalled.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await self.upstream()
        self.writers += [writer, back]
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self.stalled.wait()
                target.write(data)
                await target.drain()
        target.close()


def wire_to(address: str) -> Wire:
    """A wire to a server that listens on host:port."""
    host, _, port = address.partition(",")[0].rpartition(":")

    async def connect() -> Any:
        return await asyncio.open_connection(host, int(port))

    return Wire(connect)


def wire_to_postgres(url: str) -> tuple[Wire, Callable[[], str]]:
    """A wire to the server of a database URL, and the URL through the wire."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or ""])[0]
    port = int(query.get("port", [str(parts.port or 5432)])[0])

    async def connect() -> Any:
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    wire = Wire(connect)
    return wire, lambda: f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{wire.port}{parts.path}"
