"""What several tests do around the probe: another replica, what stands in a topic, a wire that can be cut."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from aiokafka import AIOKafkaConsumer, TopicPartition
from chassis.running import Running, running
from chassis.testing import Harness
from chassis.testing.harness import Faults


@asynccontextmanager
async def replica(home: Harness, fault: Callable[[str], Any] | None = None, **settings: Any) -> AsyncGenerator[Running]:
    """Another replica of the probe, on the same database and topics, under the same or other settings."""
    configured = home.settings.model_copy(update=settings)
    service = home.service
    async with running(
        service.name, service.description, configured, service.doors, service.series, fault or Faults()
    ) as (house, _):
        yield house


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
