"""What Kafka tells of itself to a client: how its brokers call themselves, and why topics are not shown."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.protocol.metadata import MetadataRequest

from chassis.config.brokers import Brokers

SECONDS = 5
ALONE_SECONDS = 3
UNKNOWN, FORBIDDEN = 3, 29  # Kafka's codes: UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED
NO_RIGHT = "has no right to see"  # Kafka hides from such a user whether there is a topic of that name


async def misnamed(brokers: Brokers, client_id: str) -> str:
    """Return by which name a broker calls itself that leads nowhere from here, and why; "" where there is none.

    Whoever asks the servers of a setting goes on to the brokers by the names that they are told there.
    """
    try:
        async with asyncio.timeout(SECONDS), _client(brokers, client_id) as client:
            named = sorted({f"{one.host}:{one.port}" for one in client.cluster.brokers()} - {*brokers.servers})
    except (KafkaError, OSError, TimeoutError):
        return ""
    found = await asyncio.gather(*map(_fault, named))
    return next((f"{name}, {fault}" for name, fault in zip(named, found, strict=True) if fault), "")


async def _fault(name: str) -> str:
    host, _, port = name.rpartition(":")
    try:
        async with asyncio.timeout(ALONE_SECONDS):
            _, writer = await asyncio.open_connection(host, int(port))
    except socket.gaierror:
        return "a name that cannot be resolved here"
    except (OSError, TimeoutError):
        return "where nobody answers us"
    writer.close()
    return ""


async def described(brokers: Brokers, client_id: str, topics: Iterable[str]) -> list[Any]:
    """Return what Kafka shows of each of these topics, an `error_code` where it shows nothing; raises KafkaError.

    Unlike the admin client's `describe_topics` it makes none where brokers make topics that somebody asks for.
    """
    async with _client(brokers, client_id) as client:
        if (node := client.get_random_node()) is None:
            raise NodeNotReadyError
        answer: Any = await client.send(node, MetadataRequest(sorted(topics), allow_auto_topic_creation=False))
    return answer.to_object()["topics"]


async def hidden(brokers: Brokers, client_id: str, topics: Iterable[str]) -> Mapping[str, int]:
    """Return Kafka's code for each of these topics of which it shows nothing; makes none, and raises KafkaError."""
    shown = await described(brokers, client_id, topics)
    return {topic["topic"]: topic["error_code"] for topic in shown if topic["error_code"]}


@asynccontextmanager
async def _client(brokers: Brokers, client_id: str) -> AsyncGenerator[Any]:
    client: Any = AIOKafkaClient(**brokers.options, client_id=client_id)
    try:
        await client.bootstrap()
        yield client
    finally:
        await client.close()
