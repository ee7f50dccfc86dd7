"""What several tests do around the probe: start replicas, ask what they answer, read topics."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast
from uuid import uuid4

import aiohttp
from aiokafka import AIOKafkaConsumer, TopicPartition
from chassis.service.running import Running, running
from chassis_testing import Harness, databases
from chassis_testing.accounts import key_server
from chassis_testing.broker import broker
from chassis_testing.fixtures import topics
from chassis_testing.harness import Faults, until
from chassis_testing.stack import Infrastructure

from probe.__main__ import service
from probe.settings import Settings

OWN_TOPICS = {"MeetingLogged", "ErasureConfirmed", "DataShareExported", "dead.probe", *service.reactions.topics}


@asynccontextmanager
async def site(infrastructure: Infrastructure, directory: Path, **settings: Any) -> AsyncGenerator[Harness]:
    """Make a database, topics and a producer for the other services; no replica runs until a test starts one."""
    clock_file, secret_file = directory / "clock", directory / "secret"
    clock_file.write_text("0")
    secret_file.write_text("a secret of the probe")
    prefix, kafka = f"t{uuid4().hex[:8]}.", infrastructure.kafka
    async with (
        key_server(clock_file) as accounts,
        databases.fresh(infrastructure.postgres, service) as database,
        topics(kafka, prefix, OWN_TOPICS),
        aiohttp.ClientSession() as http,
        broker(kafka) as connected,
    ):
        given: dict[str, Any] = {
            "database_url": database,
            "kafka_bootstrap_servers": kafka,
            "accounts_url": accounts.url,
            "public_url": "http://127.0.0.1",
            "service_secret_file": secret_file,
            "clock_file": clock_file,
            "topic_prefix": prefix,
            "http_port": 0,
            "admin_port": 0,
            **settings,
        }
        harness = Harness(
            service=service,
            infrastructure=infrastructure,
            prefix=prefix,
            database_url=database,
            settings=Settings(**given),
            accounts=accounts,
            clock_file=clock_file,
            http=http,
            broker=connected,
            topics=OWN_TOPICS,
            topics_consumed=frozenset(service.reactions.topics),
            fault=Faults(),
        )
        try:
            yield harness
        finally:
            harness.disconnect()


@asynccontextmanager
async def replica(
    home: Harness, fault: Callable[[str], Any] | None = None, *, ready: bool = True, **settings: Any
) -> AsyncGenerator[tuple[Running, str]]:
    """Run another replica of the probe, on the same database and topics, under the same or other settings."""
    configured = home.settings.model_copy(update=settings)
    async with running(service, configured, fault or home.fault) as (house, url):
        if ready:
            await until(lambda: answers(house, "/readyz", 200), timeout=20, what="the replica to be ready")
        yield house, url


class Asked(Protocol):
    """A replica that operators ask, in this process or in one of its own."""

    admin_url: str


async def answers(asked: Asked, path: str, status: int, *words: str) -> bool:
    """Return whether a replica answers operators with this status, and with these words in it."""
    async with aiohttp.ClientSession() as http, http.get(asked.admin_url + path) as answer:
        text = await answer.text()
        return answer.status == status and all(word in text for word in words)


async def records_of(kafka: str, topic: str) -> list[Any]:
    """Return all records of a topic, partition by partition, each in its order."""
    consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest"))
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(3)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Any] = []
        while [one for one in partitions if await consumer.position(one) < ends[one]]:
            for part in (await consumer.getmany(timeout_ms=200)).values():
                found += part
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()
