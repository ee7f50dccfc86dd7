"""Write paid orders of several channels to Kafka in bulk, as a relay would.

Usage: python -m benchmarks.fanout.fill KAFKA TOPIC COUNT CHANNELS
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any, cast

from aiokafka import AIOKafkaProducer
from contracts.orders import OrderPaid
from contracts.wire import encode, headers
from uuid_utils.compat import uuid7

TOGETHER = 5000


async def fill(kafka: str, topic: str, count: int, channels: int) -> None:
    """Write `count` events, of each channel as many."""
    options: dict[str, Any] = {"enable_idempotence": True, "compression_type": "lz4", "max_batch_size": 262_144}
    producer = cast("Any", AIOKafkaProducer(bootstrap_servers=kafka, **options))
    await producer.start()
    example = OrderPaid.model_validate(OrderPaid.EXAMPLE)
    for begin in range(0, count, TOGETHER):
        sent: list[asyncio.Future[Any]] = []
        for number in range(begin, min(begin + TOGETHER, count)):
            event = example.model_copy(update={"order": uuid7(), "channel": channel_of(number % channels)})
            named = headers(event, id=uuid7(), source="orders", time=datetime.now(UTC), sequence=number)
            sent.append(await producer.send(topic, value=encode(event), key=event.record_key.encode(), headers=named))
        await asyncio.gather(*sent)
    await producer.stop()


def channel_of(number: int) -> str:
    """Return the name of a channel, which is also that of the partner who reads it."""
    return f"p{number:04d}"


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
