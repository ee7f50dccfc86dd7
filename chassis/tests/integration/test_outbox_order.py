"""Events are published in the order of their commits, with and without a notification."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.config.brokers import Brokers
from chassis.db import Database, EventTooLarge
from chassis.publishing.producer import Producer
from chassis.publishing.relay import POLL_SECONDS, Relay
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from contracts.shared import MeetingLogged
from contracts.wire import Attributes
from probe.around import records_of, site
from probe.batch import database_of
from probe.sending import at_work, holds, large, limit
from probe.web import meeting

COUNT = "update notes set uses = uses + 1 where id = $1 returning uses"
NOTE = "insert into notes (tenant, id, owner, text, size) values ('kontor', $1, 'x', 'x', 1)"


@pytest.fixture
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


@pytest.fixture
async def database(home: Harness) -> AsyncGenerator[Database]:
    database = database_of(home)
    await database.open()
    yield database
    await database.close()


def relay_of(home: Harness, database: Database) -> Relay:
    return Relay(database, Producer(Brokers([home.infrastructure.kafka]), "probe", home.prefix))


async def sent(home: Harness) -> None:
    async def empty() -> bool:
        return not await home.sql("select 1 from chassis.outbox")

    await until(empty, timeout=20, what="the outbox to be empty")


async def published(home: Harness) -> list[Any]:
    return await records_of(home.infrastructure.kafka, f"{home.prefix}MeetingLogged")


async def test_F_E04_changes_of_a_locked_row_are_published_in_the_order_of_commits(home: Harness, database: Database):
    note = uuid4()
    await home.sql(NOTE, note)

    async def change() -> None:
        async with database.begin() as tx:
            number = await tx.value(COUNT, note)
            await asyncio.sleep(0.002)
            tx.publish(meeting(UUID(int=number), note))

    async with at_work(relay_of(home, database)):
        for _ in range(10):
            await asyncio.gather(*(change() for _ in range(8)))
        await sent(home)
    records = await published(home)
    numbers = [MeetingLogged.model_validate_json(record.value).meeting.int for record in records]
    assert numbers == list(range(1, 81))
    sequences = [Attributes.parse(record.headers).sequence or 0 for record in records]
    assert sequences == sorted(sequences)


async def test_F_E34_what_nobody_was_notified_of_is_found_by_the_next_poll(home: Harness, database: Database):
    relay = relay_of(home, database)
    async with at_work(relay):
        await until(lambda: holds(relay), what="a holder")
        await asyncio.sleep(0.2)
        async with database.begin() as tx:
            tx.publish(meeting(uuid4(), uuid4()))
        began = time.monotonic()
        await sent(home)
        assert time.monotonic() - began < POLL_SECONDS + 3
    assert len(await published(home)) == 1


async def test_a_new_producers_first_batch_that_is_refused_is_not_overtaken_by_its_second(
    home: Harness, database: Database
):
    host = uuid4()
    events = [large(host, number, 15_000) for number in range(60)]
    await limit(home.infrastructure.kafka, f"{home.prefix}MeetingLogged", 20_000)
    async with database.begin() as tx:
        tx.publish(*events, *(large(host, 100 + number, 10) for number in range(30)))
    async with at_work(relay_of(home, database)):
        await sent(home)
    ids = [MeetingLogged.model_validate_json(record.value).meeting for record in await published(home)]
    wanted = [event.meeting for event in events] + [UUID(int=host.int + 100 + number) for number in range(30)]
    assert list(dict.fromkeys(ids)) == wanted


async def test_what_is_sent_together_goes_where_each_goes_alone_and_in_order(home: Harness, database: Database):
    hosts = [uuid4() for _ in range(12)]
    alone = [meeting(UUID(int=host.int + 1), host) for host in hosts]
    # more than one batch of a partition takes
    together = [large(host, number, 30_000) for number in range(2, 6) for host in hosts]
    async with at_work(relay_of(home, database)):
        for event in alone:
            async with database.begin() as tx:
                tx.publish(event)
            await sent(home)
        async with database.begin() as tx:
            tx.publish(*together)
        await sent(home)
    records = await published(home)
    assert len({record.partition for record in records}) > 1
    for host in hosts:
        mine = [record for record in records if record.key == str(host).encode()]
        assert len({record.partition for record in mine}) == 1, "the order of a key is that of its partition"
        came = [MeetingLogged.model_validate_json(record.value).meeting.int - host.int for record in mine]
        assert came == [1, 2, 3, 4, 5]


async def test_a_record_goes_as_it_is_to_a_topic_that_is_not_its_events(home: Harness, database: Database):
    with pytest.raises(EventTooLarge):
        async with database.begin() as tx:
            tx.publish_as_is("dead.probe", "one", b"x" * 900_001, "text/plain")
    async with database.begin() as tx:
        for value in (b"first", b"second"):
            tx.publish_as_is("dead.probe", "one", value, "application/cloudevents+json")
    async with at_work(relay_of(home, database)):
        await sent(home)
    records = await records_of(home.infrastructure.kafka, f"{home.prefix}dead.probe")
    assert [(record.key, record.value) for record in records] == [(b"one", b"first"), (b"one", b"second")]
    assert records[0].headers == (("content-type", b"application/cloudevents+json"),)
