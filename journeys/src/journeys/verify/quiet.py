"""Wait until nothing is under way: outboxes are empty, all events are consumed, all tasks are done."""

import asyncio
import importlib
import importlib.util
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
from aiokafka.errors import KafkaError
from stack.state import State

from journeys.verify import kafka, outside

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = Any  # asyncpg is generic for type checkers only

BACKBONE = """
select (select count(*) from chassis.outbox where refused is null),
       (select count(*) from chassis.parked where state = 'waiting')
"""

# what a service still has to do by itself; $1 is the time on the services' clock
TASKS: Mapping[str, tuple[str, str]] = {
    "payments": (
        "refunds to send",
        "select count(*) from refunds where state in ('due', 'asked') and $1::timestamptz is not null",
    ),
    "delivery": (
        "lines to grant",
        """
        select count(*)
        from lines l
        where waiting
          and not_before <= $1
          and exists (select 1 from files f where f.tenant = l.tenant and f.sku = l.sku and f.kept_before is null)
        """,
    ),
    "licensing": ("keys to issue", "select count(*) from units where state = 'waiting' and release_at <= $1"),
    "letters": (
        "e-mails to send",
        """
        select (select count(*) from emails where state in ('waiting', 'sending'))
             + (select count(*) from notifications where state in ('waiting', 'sending'))
             + (select count(*)
                from paid_units u
                where announced_in is null
                  and (deliver_from is null or deliver_from <= $1)
                  and not exists (select 1 from refunds r
                                  where r.tenant = u.tenant and r.order_id = u.order_id and u.id = any(r.unit_ids)))
             + (select count(*) from repayments where emailed_in is null)
        """,
    ),
    "mail-relay": (
        "messages to relay",
        "select count(*) from messages where state = 'waiting' and $1::timestamptz is not null",
    ),
    "rewards": (
        "members to evaluate",
        "select count(*) from customers where to_evaluate and $1::timestamptz is not null",
    ),
    "partners": (
        "partners to send the past",
        "select count(*) from partners where replayed is not null and $1::timestamptz is not null",
    ),
}


class NotQuiet(Exception):
    """The stack has not come to rest in the time given; the message says what was under way."""


def clock(state: State) -> datetime:
    """Return the time on the services' clock."""
    return datetime.now(UTC) + timedelta(seconds=float(Path(state.clock_file).read_text()))


def subscriptions(services: Iterable[str]) -> dict[str, set[str]]:
    """Return the topics that each service consumes, as its table of reactions lists them."""
    topics: dict[str, set[str]] = {}
    for service in services:
        name = f"{service.replace('-', '_')}.messaging"
        consumes = importlib.util.find_spec(name) is not None
        topics[service] = set(importlib.import_module(name).REACTIONS.topics) if consumes else set()
    return topics


async def wait_until_quiet(state: State, seconds: float) -> None:
    """Return once two looks in a row found nothing under way; raises NotQuiet."""
    deadline = time.monotonic() + seconds
    calm: dict[Any, int] | None = None
    while True:
        ends, busy = await _look(state)
        if not busy:
            if calm == ends:
                return
            calm = ends
        else:
            calm = None
        if time.monotonic() > deadline:
            raise NotQuiet("; ".join(busy) or "events are still published")
        await asyncio.sleep(0.5)


async def offsets(state: State) -> list[tuple[str, str, int, int | None, int]]:
    """Return service, topic, partition, committed offset and end of each partition that a service consumes."""
    rows: list[tuple[str, str, int, int | None, int]] = []
    ends = await kafka.ends(state.kafka)
    async with kafka.administration(state.kafka) as client:
        for service, topics in subscriptions(state.databases).items():
            done = await kafka.committed(client, service) if topics else {}
            rows += [
                (service, topic, partition, done.get((topic, partition)), end)
                for (topic, partition), end in ends.items()
                if topic in topics
            ]
    return rows


async def _look(state: State) -> tuple[dict[Any, int], list[str]]:
    """Return the ends of all partitions, and what is under way."""
    busy: list[str] = []
    ends: dict[Any, int] = {}
    for service, url in state.databases.items():
        try:
            connection = await asyncpg.connect(url)
        except (OSError, asyncpg.PostgresError):
            busy.append(f"{service}: its database does not answer")
            continue
        try:
            busy += await _under_way(service, connection, clock(state))
        finally:
            await connection.close()
    try:
        ends = await kafka.ends(state.kafka)
        behind: dict[str, int] = {}
        for service, _, _, committed, end in await offsets(state):
            behind[service] = behind.get(service, 0) + max(0, end - (committed or 0))
    except (OSError, KafkaError) as error:
        return ends, [*busy, f"Kafka does not answer ({type(error).__name__})"]
    busy += [f"{service}: {count} events to consume" for service, count in behind.items() if count]
    webhooks = outside.undelivered(Path(state.home))
    return ends, [*busy, *([f"provider: {webhooks} webhooks to deliver"] if webhooks else [])]


async def _under_way(service: str, connection: Connection, now: datetime) -> list[str]:
    outbox, parked = await connection.fetchrow(BACKBONE) or (0, 0)
    counts = {"events to publish": outbox, "parked events to retry": parked}
    if service in TASKS:
        words, query = TASKS[service]
        counts[words] = await connection.fetchval(query, now)
    return [f"{service}: {count} {words}" for words, count in counts.items() if count]
