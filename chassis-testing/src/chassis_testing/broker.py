"""What tests ask Kafka, beside what they publish and consume."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


@dataclass(frozen=True, slots=True)
class Broker:
    """Kafka as a test sees it: connections that stay open, on which no answer waits behind a fetch."""

    producer: AIOKafkaProducer
    admin: AIOKafkaAdminClient
    consumer: Any

    async def committed(self, group: str) -> Mapping[TopicPartition, Any]:
        """Return the committed offsets of a consumer group."""
        return await self.admin.list_consumer_group_offsets(group)

    async def ends(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the offset behind the last record of each partition."""
        # a consumer that fetches would answer when its fetch ends: Kafka answers a connection in turn
        return await self.consumer.end_offsets(list(partitions))


@asynccontextmanager
async def broker(kafka: str) -> AsyncGenerator[Broker]:
    """Connect to Kafka."""
    async with AsyncExitStack() as stack:
        producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=kafka))
        for client, stop in ((producer, producer.stop), (admin, admin.close), (consumer, consumer.stop)):
            await client.start()
            stack.push_async_callback(stop)
        yield Broker(producer, admin, consumer)
