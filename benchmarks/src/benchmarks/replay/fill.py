"""Write paid orders to Kafka in bulk, as a relay would.

Usage: python -m benchmarks.replay.fill KAFKA CHASSIS_TOPIC BARE_TOPIC COUNT
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from aiokafka import AIOKafkaProducer
from contracts.wire import encode, headers
from uuid_utils.compat import uuid7

from benchmarks.events.event import paid, plain

TOGETHER = 5000


async def fill(kafka: str, ours: str, bare: str, count: int) -> None:
    """Write `count` events to both topics, each with the headers its side reads."""
    producer = cast(
        "Any",
        AIOKafkaProducer(
            bootstrap_servers=kafka, enable_idempotence=True, compression_type="lz4", max_batch_size=262_144
        ),
    )
    await producer.start()
    for begin in range(0, count, TOGETHER):
        sent: list[asyncio.Future[Any]] = []
        for sequence in range(begin, min(begin + TOGETHER, count)):
            event, id_, now = paid(uuid7()), uuid7(), datetime.now(UTC)
            named = headers(event, id=id_, source="orders", time=now, sequence=sequence)
            key = event.record_key.encode()
            sent.append(await producer.send(ours, value=encode(event), key=key, headers=named))
            few = [("id", id_.bytes), ("source", b"producer"), ("time", now.isoformat().encode())]
            sent.append(await producer.send(bare, value=orjson.dumps(plain(event.order)), key=key, headers=few))
        await asyncio.gather(*sent)
    await producer.stop()


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
