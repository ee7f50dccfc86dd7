"""The program is killed in the middle of a batch: partners are sent all, in order, and only again what Kafka has."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from chassis.identity.sealing import new_master_key
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.mail_relay import ClaimOpened
from contracts.orders import OrderPaid, OrderPlaced
from partners.__main__ import service
from stack.ports import pick

from .conftest import example

# the program, which kills itself at the n-th passing of a point
PROGRAM = """
import os, signal, sys
from chassis.service import CommandLine
from partners.__main__ import service

def fault(point, passed=[0]):
    passed[0] += point == sys.argv[1]
    if point == sys.argv[1] and passed[0] == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

service.fault = fault
CommandLine(service).serve()
"""
POINTS = {
    "consumer:admitted": False,
    "consumer:handled": False,
    "transaction:published": False,
    "consumer:committed": False,
    "consumer:before-offsets": False,
    "relay:read": False,
    "relay:submitted": True,
    "relay:acknowledged": True,  # Kafka has them, and nobody knows
    "relay:deleted": False,
}
ALWAYS = ("consumer:handled", "relay:acknowledged")  # the others in `make torture`
ORDERS, TIMES = 15, 2
EACH = (ClaimOpened, OrderPlaced, OrderPaid)
READERS = ("one", "two")
TOPICS = [f"partner.{id_}.{kind.DECLARED.topic}" for id_ in READERS for kind in EACH]
OPENED = """
with opened as (
  insert into partners (id, tenant, channels, state, since, applied, wanted)
  select id, 'kontor', array['both'], 'open', now(), 1, 0
  from unnest($1::text[]) as id
  returning id
)
insert into readers (tenant, channel, partner_id)
select 'kontor', 'both', id from opened
"""


@pytest.fixture
async def home(service_home: ServiceHome, tmp_path: Path) -> AsyncGenerator[Harness]:
    """The database and the topics of a service that has ended."""
    key = tmp_path / "key"
    key.write_text(new_master_key())
    names = {"more_topics": TOPICS, "partner_key_file": key, "kafka_access": False, "session_seconds": 6.0}
    async with service_home(service, **names) as home:
        if home.running is not None:
            home.running.stopping.set()
            home.running.closing.set()
        await home.sql(OPENED, list(READERS))
        yield home


class Program:
    """The service as a process of its own."""

    def __init__(self, home: Harness) -> None:
        ports = pick(("http_port", "admin_port"), {})
        self.settings = home.settings.model_dump(mode="json", exclude_none=True) | ports | {"log_level": "ERROR"}

    async def start(self, point: str = "", passing: int = 1) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM, point, str(passing)),
            env=os.environ | {name.upper(): str(value) for name, value in self.settings.items()},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )


async def sent(home: Harness, id_: str) -> dict[str, list[dict[str, Any]]]:
    """Return what a partner has been sent, by topic."""
    consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=home.infrastructure.kafka, auto_offset_reset="earliest"))
    await consumer.start()
    try:
        found: dict[str, list[dict[str, Any]]] = {}
        for kind in EACH:
            parts = [TopicPartition(f"{home.prefix}partner.{id_}.{kind.DECLARED.topic}", number) for number in range(3)]
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            records: list[Any] = []
            while len(records) < sum(ends.values()):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += batch
            found[kind.DECLARED.topic] = [json.loads(record.value) for record in records]
        return found
    finally:
        await consumer.stop()


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=() if point in ALWAYS else pytest.mark.torture) for point in POINTS]
)
async def test_PLT_5_F_E06_killed_in_the_middle_of_a_batch_partners_are_sent_all_in_order(home: Harness, point: str):
    orders = [uuid4() for _ in range(ORDERS)]
    # what names no channel comes first, and waits for what does
    for kind in EACH * TIMES:
        await home.publish(*[example(kind, order=order, **_more(kind)) for order in orders])
    program = Program(home)
    killed = await program.start(point)
    try:
        assert await asyncio.wait_for(killed.wait(), 90) == -signal.SIGKILL
    finally:
        if killed.returncode is None:
            killed.kill()
    again = await program.start()
    try:
        await until(lambda: _all(home), timeout=40, what="all to be sent")
    finally:
        again.terminate()
        await again.wait()

    for id_ in READERS:
        found = await sent(home, id_)
        for topic, events in found.items():
            by_order = {order: [one for one in events if one["data"]["order"] == str(order)] for order in orders}
            for mine in by_order.values():
                firsts = {one["id"]: one["sequence"] for one in reversed(mine)}
                assert len(firsts) == len({*firsts.values()}) == TIMES, f"{topic}: each comes, again with its id"
                first_seen = list(dict.fromkeys(one["sequence"] for one in mine))
                assert first_seen == sorted(first_seen), f"{topic}: in order under its key"
            if not POINTS[point]:
                assert len(events) == ORDERS * TIMES, f"{topic}: only what Kafka may have had comes again"
        numbers: dict[UUID, list[str]] = {}
        for events in found.values():
            for one in {event["id"]: event for event in events}.values():
                numbers.setdefault(UUID(one["data"]["order"]), []).append(one["sequence"])
        expected = [f"{number:019d}" for number in range(1, len(EACH) * TIMES + 1)]
        assert all(sorted(mine) == expected for mine in numbers.values())


async def _all(home: Harness) -> bool:
    facts = "select count(*) as facts, count(channel) as placed from facts"
    kept = (await home.sql(facts))[0]
    left = (await home.sql("select count(*) from chassis.outbox"))[0][0]
    return kept["facts"] == kept["placed"] == ORDERS * TIMES * len(EACH) and not left


def _more(kind: type[Any]) -> dict[str, Any]:
    return {"claim": uuid4()} if kind is ClaimOpened else {"channel": "both", "tenant": "kontor"}
