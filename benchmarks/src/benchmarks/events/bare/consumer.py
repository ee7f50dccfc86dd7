"""Consume paid orders in batches.

Usage: DATABASE_URL= KAFKA= TOPIC= GROUP= python -m benchmarks.events.bare.consumer
"""

import os
from typing import Any, cast
from uuid import UUID

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer

INSERT_INBOX = """
insert into inbox (source, id)
select source, id
from unnest($1::text[], $2::uuid[]) as record (source, id)
order by source, id
on conflict do nothing
returning id
"""
INSERT_EFFECTS = """
insert into effects (tenant, order_id, gross)
select tenant, order_id, gross
from unnest($1::text[], $2::uuid[], $3::bigint[]) as record (tenant, order_id, gross)
"""


async def consume(database: str, kafka: str, topic: str, group: str) -> None:
    """Consume for ever. Each batch is one transaction (inbox rows and effects); offsets are committed after it."""
    connection = await asyncpg.connect(database)
    consumer = cast(
        "Any",
        AIOKafkaConsumer(
            topic, bootstrap_servers=kafka, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
        ),
    )
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=1000, max_records=500)
        records = {UUID(bytes=dict(record.headers)["id"]): record for batch in batches.values() for record in batch}
        if not records:
            continue
        sources = [dict(record.headers)["source"].decode() for record in records.values()]
        async with connection.transaction():
            new = {row["id"] for row in await connection.fetch(INSERT_INBOX, sources, list(records))}
            facts = [orjson.loads(record.value) for id_, record in records.items() if id_ in new]
            if facts:
                await connection.execute(
                    INSERT_EFFECTS,
                    [fact["tenant"] for fact in facts],
                    [UUID(fact["order"]) for fact in facts],
                    [fact["totals"]["gross"] for fact in facts],
                )
        await consumer.commit({partition: batch[-1].offset + 1 for partition, batch in batches.items() if batch})


if __name__ == "__main__":
    uvloop.run(consume(*(os.environ[name] for name in ("DATABASE_URL", "KAFKA", "TOPIC", "GROUP"))))
