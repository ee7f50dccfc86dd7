"""Waiting until nothing is under way: outboxes empty, everything heard, errands done."""

import asyncio
import importlib
import importlib.util
import inspect
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
from aiokafka.errors import KafkaError
from stack.state import State

from journeys.verify import log, outside

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = Any  # asyncpg is generic for type checkers only

BACKBONE = """
select (select count(*) from chassis.outbox where refused is null),
       (select count(*) from chassis.parked where state = 'waiting')
"""

# what a service still has to do by itself; $1 is the time on the services' clock
ERRANDS: Mapping[str, tuple[str, str]] = {
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
          and exists (select 1 from files f where f.tenant = l.tenant and f.sku = l.sku)
        """,
    ),
    "licensing": ("keys to issue", "select count(*) from units where state = 'waiting' and release_at <= $1"),
    "mail-relay": (
        "e-mails to send",
        """
        select (select count(*) from emails where state in ('waiting', 'sending'))
             + (select count(*)
                from paid_units u
                where announced_in is null
                  and (deliver_from is null or deliver_from <= $1)
                  and not exists (select 1 from refunds r
                                  where r.tenant = u.tenant and r.order_id = u.order_id and u.id = any(r.unit_ids)))
             + (select count(*) from repayments where emailed_in is null)
        """,
    ),
    "rewards": (
        "members to evaluate",
        "select count(*) from customers where to_evaluate and $1::timestamptz is not null",
    ),
}


class NotQuiet(Exception):
    """The stack has not come to rest in the time given; the message says what was under way."""


def clock(state: State) -> datetime:
    """The time as the services have it."""
    return datetime.now(UTC) + timedelta(seconds=float(Path(state.clock_file).read_text()))


def ears(services: Iterable[str]) -> dict[str, set[str]]:
    """Which topics each service hears, as its table of reactions says."""
    found: dict[str, set[str]] = {}
    for service in services:
        name = f"{service.replace('-', '_')}.messaging"
        if importlib.util.find_spec(name) is None:
            found[service] = set()
            continue
        table: Any = importlib.import_module(name).reactions
        # the table is asked what it lists, not to react: what the reactions work with does not matter
        arguments = dict.fromkeys(inspect.signature(table).parameters)
        found[service] = {reaction.event.DECLARED.topic for reaction in table(**arguments)}
    return found


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
            raise NotQuiet("; ".join(busy) or "the log still grows")
        await asyncio.sleep(0.5)


async def offsets(state: State) -> list[tuple[str, str, int, int | None, int]]:
    """How far each service has committed of each partition it hears, and where that ends."""
    found: list[tuple[str, str, int, int | None, int]] = []
    ends = await log.ends(state.kafka)
    async with log.asking(state.kafka) as client:
        for service, topics in ears(state.databases).items():
            done = await log.committed(client, service) if topics else {}
            found += [
                (service, topic, partition, done.get((topic, partition)), end)
                for (topic, partition), end in ends.items()
                if topic in topics
            ]
    return found


async def _look(state: State) -> tuple[dict[Any, int], list[str]]:
    """The ends of the log, and what is under way."""
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
        ends = await log.ends(state.kafka)
        behind: dict[str, int] = {}
        for service, _, _, committed, end in await offsets(state):
            behind[service] = behind.get(service, 0) + max(0, end - (committed or 0))
    except (OSError, KafkaError) as error:
        return ends, [*busy, f"the log does not answer ({type(error).__name__})"]
    busy += [f"{service}: {count} events to hear" for service, count in behind.items() if count]
    webhooks = outside.undelivered(Path(state.home))
    return ends, [*busy, *([f"provider: {webhooks} webhooks to deliver"] if webhooks else [])]


async def _under_way(service: str, connection: Connection, now: datetime) -> list[str]:
    outbox, parked = await connection.fetchrow(BACKBONE) or (0, 0)
    counts = {"events to say": outbox, "parked events to try": parked}
    if service in ERRANDS:
        words, query = ERRANDS[service]
        counts[words] = await connection.fetchval(query, now)
    return [f"{service}: {count} {words}" for words, count in counts.items() if count]
