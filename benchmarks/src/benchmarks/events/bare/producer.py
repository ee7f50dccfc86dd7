"""Commit orders with an outbox, and relay the outbox to Kafka.

Usage: DATABASE_URL= KAFKA= TOPIC= HTTP_PORT= python -m benchmarks.events.bare.producer
"""

import asyncio
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import asyncpg
import orjson
import uvloop
from aiohttp import web
from aiokafka import AIOKafkaProducer
from uuid_utils.compat import uuid7

from benchmarks.events.burst import burst
from benchmarks.events.event import UUID, plain

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]

INSERT_ORDER = """
insert into orders (tenant, id)
values ($1, $2)
"""
INSERT_OUTBOX = """
insert into outbox (id, topic, key, payload, published_at)
values ($1, $2, $3, $4, $5)
"""
SELECT_OUTBOX = """
select position, id, topic, key, payload, published_at
from outbox
order by position
limit 1000
"""
DELETE_OUTBOX = """
delete from outbox
where position = any($1::bigint[])
"""


async def keep_session(_: Any) -> None:
    """Do nothing: no setting is changed on a connection, so none needs a reset."""


async def relay(database: str, kafka: str, wake: asyncio.Event) -> None:
    """Send outbox rows in the order of their commits, and delete those that Kafka has acknowledged."""
    connection = await asyncpg.connect(database)
    producer = cast(
        "Any",
        AIOKafkaProducer(
            bootstrap_servers=kafka, enable_idempotence=True, compression_type="lz4", max_batch_size=262_144
        ),
    )
    await producer.start()
    while True:
        wake.clear()
        rows = await connection.fetch(SELECT_OUTBOX)
        sent = [
            await producer.send(
                row["topic"],
                value=row["payload"],
                key=row["key"].encode(),
                headers=[
                    ("id", row["id"].bytes),
                    ("source", b"producer"),
                    ("time", row["published_at"].isoformat().encode()),
                ],
            )
            for row in rows
        ]
        if sent:
            await asyncio.gather(*sent)
            await connection.execute(DELETE_OUTBOX, [row["position"] for row in rows])
        else:
            try:
                async with asyncio.timeout(1):
                    await wake.wait()
            except TimeoutError:
                continue


async def serve(database: str, kafka: str, topic: str, port: int) -> None:
    """Serve one route that commits a burst of orders, and relay."""
    pool: Pool = await asyncpg.create_pool(database, min_size=0, max_size=10, reset=keep_session)
    wake = asyncio.Event()

    async def commit(order: UUID) -> None:
        fact = plain(order)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(INSERT_ORDER, fact["tenant"], order)
            await connection.execute(
                INSERT_OUTBOX, uuid7(), topic, fact["order"], orjson.dumps(fact), datetime.now(UTC)
            )
        wake.set()

    async def commit_burst(request: web.Request) -> web.Response:
        await burst(commit, int(request.match_info["count"]), int(request.match_info["rate"]))
        return web.Response(status=204)

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/bursts/{count}/{rate}", commit_burst)
    app.router.add_get("/readyz", ready)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await relay(database, kafka, wake)


if __name__ == "__main__":
    environment = os.environ
    uvloop.run(
        serve(environment["DATABASE_URL"], environment["KAFKA"], environment["TOPIC"], int(environment["HTTP_PORT"]))
    )
