"""Hears paid orders batch by batch:  DATABASE_URL= KAFKA= TOPIC= GROUP= python -m ...bare.hearer"""

import os
from typing import Any, cast
from uuid import UUID

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer

ADMIT = """
insert into inbox (source, id)
select source, id
from unnest($1::text[], $2::uuid[]) as heard (source, id)
order by source, id
on conflict do nothing
returning id
"""
NOTE = """
insert into effects (tenant, order_id, gross)
select tenant, order_id, gross
from unnest($1::text[], $2::uuid[], $3::bigint[]) as heard (tenant, order_id, gross)
"""


async def hear(database: str, kafka: str, topic: str, group: str) -> None:
    """Batch by batch: ids into the inbox, effects of the new ones, commit, then the offsets."""
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
            new = {row["id"] for row in await connection.fetch(ADMIT, sources, list(records))}
            facts = [orjson.loads(record.value) for id_, record in records.items() if id_ in new]
            if facts:
                await connection.execute(
                    NOTE,
                    [fact["tenant"] for fact in facts],
                    [UUID(fact["order"]) for fact in facts],
                    [fact["totals"]["gross"] for fact in facts],
                )
        await consumer.commit({place: batch[-1].offset + 1 for place, batch in batches.items() if batch})


if __name__ == "__main__":
    given = os.environ
    uvloop.run(hear(given["DATABASE_URL"], given["KAFKA"], given["TOPIC"], given["GROUP"]))
