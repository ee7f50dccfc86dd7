"""From the outbox to Kafka: in order, nothing lost, nothing published that was not committed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from uuid import UUID, uuid4

import pytest
from chassis.config.brokers import Brokers
from chassis.db import Tx
from chassis.publishing.producer import Producer
from chassis.publishing.relay import Relay
from chassis.telemetry.traces import span
from chassis_testing import databases
from chassis_testing.fixtures import topics
from chassis_testing.harness import Faults, until
from chassis_testing.stack import Infrastructure
from contracts.accounts import CustomerErased
from contracts.event import dataschema_of, type_of
from contracts.wire import Attributes, encode
from probe.__main__ import service
from probe.around import OWN_TOPICS
from probe.sending import WIDE, Outbox, at_work, crashing, holds, large, passed, position_of, some
from probe.web import meeting
from probe.wire import wire_to

Note = Callable[[str, object], None]
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
async def ground(infrastructure: Infrastructure) -> AsyncGenerator[Outbox]:
    prefix = f"r{uuid4().hex[:8]}."
    async with (
        databases.fresh(infrastructure.postgres, service) as url,
        topics(infrastructure.kafka, prefix, {*OWN_TOPICS, "CustomerErased"}),
    ):
        outbox = Outbox(infrastructure.kafka, prefix, url)
        await outbox.database.open()
        yield outbox
        await outbox.database.close()


@pytest.fixture
async def outbox(ground: Outbox) -> AsyncGenerator[Outbox]:
    ground.seen = {position_of(record) for record in await ground.all_records()}
    yield ground
    await ground.sql("delete from chassis.outbox")
    await ground.sql("update chassis.lease set until = '-infinity'")


async def sent(outbox: Outbox, what: str = "the outbox to be empty") -> None:
    await until(outbox.empty, timeout=20, what=what)


async def test_a_commit_is_published_in_order_with_its_attributes_and_the_outbox_empties(outbox: Outbox):
    host = uuid4()
    events = some(host, 30)
    with span("test", traceparent=TRACE):
        await outbox.publish(*events[:20])
    await outbox.publish(*events[20:])
    async with at_work(outbox.relay()):
        await sent(outbox)
    records = await outbox.records()
    assert [record.value for record in records] == [encode(event) for event in events]
    attributes = [Attributes.parse(record.headers) for record in records]
    first = attributes[0]
    assert (first.source, first.type, first.tenant) == ("probe", type_of("MeetingLogged"), "kontor")
    assert first.dataschema == dataschema_of("MeetingLogged")
    assert first.subject == str(events[0].meeting)
    assert first.time is not None
    assert first.traceparent is not None
    assert first.traceparent.split("-")[1] == TRACE.split("-")[1]
    assert attributes[25].traceparent is None
    numbers = [a.sequence for a in attributes if a.sequence is not None]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len({a.id for a in attributes}) == 30
    assert dict(records[0].headers)["content-type"] == b"application/json"
    assert not await outbox.sql("select 1 from chassis.outbox")


async def test_F_E02_what_is_rolled_back_is_never_published_and_its_gap_holds_nothing_up(outbox: Outbox):
    host = uuid4()
    with contextlib.suppress(RuntimeError):
        async with outbox.database.begin() as tx:
            tx.publish(*some(host, 3))
            raise RuntimeError
    event = meeting(uuid4(), host)
    await outbox.publish(event)
    async with at_work(outbox.relay()):
        await sent(outbox)
    assert await outbox.meetings(host) == [event.meeting]


async def test_F_E01_of_overlapping_transactions_every_event_is_published(outbox: Outbox):
    first, second = uuid4(), uuid4()
    async with at_work(outbox.relay()):
        slow, quick = outbox.database.begin(), outbox.database.begin()
        tx: Tx = await slow.__aenter__()
        await tx.value("select nextval(pg_get_serial_sequence('chassis.outbox', 'sequence'))")
        tx.publish(*some(first, 1))
        async with quick as other:
            other.publish(*some(second, 1))
        await sent(outbox)
        await slow.__aexit__(None, None, None)
        await outbox.notify()
        await sent(outbox)
    assert len(await outbox.records()) == 2


@pytest.mark.parametrize("point", ["relay:read", "relay:acknowledged", "relay:deleted"])
async def test_F_E05_F_E06_a_relay_cut_off_at_any_point_loses_nothing_and_keeps_the_order(outbox: Outbox, point: str):
    host, faults = uuid4(), Faults()
    events = some(host, 10)
    await outbox.publish(*events)
    with crashing(faults, point):
        async with at_work(outbox.relay(faults)):
            await until(lambda: passed(faults, point), what=point)
            crashed = time.monotonic()
            await sent(outbox)
            assert time.monotonic() - crashed < 2.5, "it does not wait for a lease that is its own"
    published = await outbox.meetings(host)
    assert list(dict.fromkeys(published)) == [event.meeting for event in events]
    assert len(published) == (20 if point == "relay:acknowledged" else 10)
    ids = {Attributes.parse(record.headers).id for record in await outbox.records()}
    assert len(ids) == 10, "a repetition has the id of the first"


async def test_F_E07_of_two_relays_one_holds_the_lease_and_the_other_takes_over(outbox: Outbox):
    host, first, second = uuid4(), outbox.relay(), outbox.relay()
    events = some(host, 200)
    async with at_work(second):
        async with at_work(first):
            for event in events[:100]:
                await outbox.publish(event)
                await outbox.notify()
            await sent(outbox)
            assert [first.lease.holds, second.lease.holds].count(True) == 1
        for event in events[100:]:
            await outbox.publish(event)
        await outbox.notify()
        await sent(outbox)
        assert second.lease.holds
    assert await outbox.meetings(host) == [event.meeting for event in events]


async def test_a_holder_whose_lease_was_taken_meanwhile_deletes_nothing(outbox: Outbox):
    host, faults = uuid4(), Faults()
    await outbox.publish(*some(host, 3))
    stolen = "update chassis.lease set token = token + 1, holder = gen_random_uuid(), until = 'infinity'"
    faults.planned["relay:acknowledged"] = lambda: outbox.behind_the_back(stolen)
    async with at_work(outbox.relay(faults)):
        await until(lambda: passed(faults, "relay:deleted"), what="the relay to try")
        assert len(await outbox.sql("select 1 from chassis.outbox")) == 3
        faults.planned.clear()
        await outbox.sql("update chassis.lease set until = '-infinity'")
        await sent(outbox, "a relay with a lease of its own to send them")


async def test_a_replica_without_the_lease_wakes_the_holder(outbox: Outbox, record_property: Note):
    host, holder, other = uuid4(), outbox.relay(), outbox.relay()
    took: list[float] = []
    async with at_work(holder):
        await until(lambda: holds(holder), what="a holder")
        async with at_work(other):
            for event in some(host, 20):
                await asyncio.sleep(0.02)
                await outbox.publish(event)
                began = time.perf_counter()
                other.wake()
                await until(outbox.empty, what="the event to be sent")
                took.append(time.perf_counter() - began)
            assert not other.lease.holds
    assert await outbox.meetings(host) == [event.meeting for event in some(host, 20)]
    record_property("median_seconds", sorted(took)[10])
    assert sum(took) < 10, "slower than half the poll on average: nobody was woken"


async def listens(asked: list[float]) -> bool:
    return len(asked) > 1


async def test_a_replica_without_the_lease_is_idle_though_it_is_notified(outbox: Outbox):
    holder, other = outbox.relay(), outbox.relay()
    asked: list[float] = []
    async with at_work(holder):
        await until(lambda: holds(holder), what="a holder")
        other.beat = lambda: asked.append(time.monotonic())
        async with at_work(other):
            await until(lambda: listens(asked), what="the other to listen")
            asked.clear()
            await outbox.notify()
            await asyncio.sleep(0.5)
            assert len(asked) < 10


async def test_an_event_that_kafka_refuses_is_refused_alone_and_its_key_is_held(outbox: Outbox):
    held, free = uuid4(), uuid4()
    await outbox.limit("MeetingLogged", 300_000)
    before, refused, after = meeting(UUID(int=held.int + 1), held), large(held, 2, 500_000), meeting(uuid4(), held)
    async with at_work(outbox.relay()):
        await outbox.publish(before, *some(free, 2))
        await sent(outbox)  # Kafka knows this producer now
        await outbox.publish(refused, after, *some(free, 2))
        await outbox.notify()

        async def others() -> bool:
            return len(await outbox.meetings(free)) == 4

        await until(others, timeout=20, what="other keys to go on")
    await outbox.limit("MeetingLogged", WIDE)
    assert await outbox.meetings(held) == [before.meeting]
    rows = await outbox.sql("select refused from chassis.outbox order by sequence")
    assert [row["refused"] for row in rows] == ["MessageSizeTooLargeError", None]


async def test_a_record_no_producer_takes_is_refused_alone_too(outbox: Outbox):
    held, free = uuid4(), uuid4()
    insert = """
    insert into chassis.outbox (id, aggregatetype, aggregateid, type, payload, occurred_at)
    values (gen_random_uuid(), 'MeetingLogged', $1, 'MeetingLogged', $2, now())
    """
    async with outbox.database.begin() as tx:
        await tx.execute(insert, str(held), b"x" * 2_000_000)
        tx.publish(*some(held, 2), *some(free, 2))
    async with at_work(outbox.relay()):
        await until(lambda: outbox.meetings(free), what="other keys to go on")
    assert not await outbox.meetings(held)
    assert len(await outbox.sql("select 1 from chassis.outbox")) == 3


async def test_a_refused_batch_is_sent_again_singly(outbox: Outbox):
    hosts = [uuid4() for _ in range(6)]
    await outbox.limit("MeetingLogged", 20_000)
    async with at_work(outbox.relay()):
        await outbox.publish(*(large(host, 1, 9_000) for host in hosts), *some(hosts[0], 1))
        await sent(outbox)
    await outbox.limit("MeetingLogged", WIDE)
    assert len(await outbox.records()) == 7
    assert not await outbox.sql("select 1 from chassis.outbox")


async def test_a_missing_topic_keeps_its_rows_and_lets_others_go_on(outbox: Outbox):
    host = uuid4()
    erased = CustomerErased.model_validate_json(encode(CustomerErased(**CustomerErased.EXAMPLE)))
    misplaced = "update chassis.outbox set aggregatetype = 'Nowhere' where aggregatetype = 'CustomerErased'"
    await outbox.publish(*some(host, 2), erased)
    await outbox.sql(misplaced)
    await outbox.publish(*some(host, 4)[2:])
    began = time.monotonic()
    async with at_work(outbox.relay()):

        async def others() -> bool:
            return len(await outbox.sql("select 1 from chassis.outbox")) == 1

        await until(others, what="other topics to go on")
        assert time.monotonic() - began < 8
        assert [row["aggregatetype"] for row in await outbox.sql("select * from chassis.outbox")] == ["Nowhere"]
        assert [row["refused"] for row in await outbox.sql("select refused from chassis.outbox")] == [None]
        await outbox.sql("update chassis.outbox set aggregatetype = 'CustomerErased'")
        await sent(outbox, "the row to go where it can")
    assert len(await outbox.meetings(host)) == 4, "nothing was sent twice meanwhile"
    assert len(await outbox.records("CustomerErased")) == 1


async def test_a_stopping_relay_sends_what_was_published_last(outbox: Outbox):
    host, relay = uuid4(), outbox.relay()
    async with at_work(relay):
        await until(lambda: holds(relay), what="a holder")
        await outbox.publish(*some(host, 3))
    assert len(await outbox.meetings(host)) == 3
    rows = await outbox.sql("select until = '-infinity' as free from chassis.lease")
    assert rows[0]["free"], "the lease is given back"


async def test_events_of_one_commit_are_one_statement_and_keep_their_order(outbox: Outbox):
    host = uuid4()
    events = some(host, 2500)
    await outbox.publish(*events)
    async with at_work(outbox.relay()):
        await sent(outbox)
    assert await outbox.meetings(host) == [event.meeting for event in events]


async def test_F_E08_what_is_published_while_kafka_is_away_waits_and_is_sent_in_order(ground: Outbox, outbox: Outbox):
    host, wire = uuid4(), wire_to(outbox.kafka)
    await wire.listen()
    wire.hang_up()
    events = some(host, 3)
    relay = Relay(outbox.database, Producer(Brokers([f"127.0.0.1:{wire.port}"]), "probe", ground.prefix))
    async with at_work(relay):
        for event in events:
            await outbox.publish(event)
        await asyncio.sleep(0.5)
        assert len(await outbox.sql("select 1 from chassis.outbox")) == 3
        await wire.listen()
        await sent(outbox)
    wire.hang_up()
    assert await outbox.meetings(host) == [event.meeting for event in events]
