"""Send each channel's paid orders to a topic of its own: a consumer and a producer, and nothing that remembers.

Usage: KAFKA= TOPIC= PREFIX= python -m benchmarks.fanout.bare
"""

import asyncio
import os
from typing import Any, cast

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

HIDDEN = {
    "customer",
    "keys",
    *(f"{kind}_{key}" for kind in ("name", "email", "company") for key in ("profile", "contact")),
}


async def send(kafka: str, topic: str, prefix: str) -> None:
    """Send for ever. A batch's offsets are committed once all that it led to is acknowledged."""
    options: dict[str, Any] = {"enable_idempotence": True, "compression_type": "lz4", "linger_ms": 5}
    producer = cast("Any", AIOKafkaProducer(bootstrap_servers=kafka, max_batch_size=262_144, **options))
    consumer = cast(
        "Any",
        AIOKafkaConsumer(
            topic, bootstrap_servers=kafka, group_id=topic, enable_auto_commit=False, auto_offset_reset="earliest"
        ),
    )
    await producer.start()
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=1000, max_records=500)
        sent: list[asyncio.Future[Any]] = []
        for record in [record for batch in batches.values() for record in batch]:
            fact = orjson.loads(record.value)
            named = {name.removeprefix("ce_"): value.decode() for name, value in record.headers}
            event = {
                "specversion": "1.0",
                "id": named["id"],
                "source": named["source"],
                "type": named["type"],
                "time": named["time"],
                "datacontenttype": "application/json",
                "tenant": fact["tenant"],
                "data": {name: value for name, value in fact.items() if name not in HIDDEN},
            }
            to = f"{prefix}partner.{fact['channel']}.OrderPaid"
            sent.append(await producer.send(to, value=orjson.dumps(event), key=record.key))
        if sent:
            await asyncio.gather(*sent)
            await consumer.commit({part: batch[-1].offset + 1 for part, batch in batches.items() if batch})


if __name__ == "__main__":
    uvloop.run(send(*(os.environ[name] for name in ("KAFKA", "TOPIC", "PREFIX"))))
