"""Records that are gone before they were consumed: their partition stands still and says so, until somebody accepts."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from chassis.consuming import continuity
from chassis.consuming.gaps import Gap, GapKind, compared
from chassis.service import Terminal
from chassis.service.commands import gaps_of
from chassis.service.running import Running
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from contracts.accounts import CustomerErased
from contracts.shared import MeetingLogged
from contracts.wire import encode, headers
from probe.around import answers, replica, site
from probe.invariants import at_rest, whole
from probe.seen import effects, held_up
from probe.sending import some
from probe.settings import Settings
from probe.web import meeting
from typer.testing import CliRunner, Result
from uuid_utils.compat import uuid7

TOPIC = "MeetingLogged"


@pytest.fixture
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


@contextlib.asynccontextmanager
async def admin_of(home: Harness) -> AsyncGenerator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=home.infrastructure.kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def consumed(home: Harness, *events: MeetingLogged) -> None:
    """Let a replica consume events, and stop it."""
    await home.publish(*events)
    async with replica(home):
        await at_rest(home, {events[0].host: [event.meeting for event in events]})
        await home.settled()


def place_of(home: Harness) -> tuple[TopicPartition, int]:
    """Return the partition of what was published to the topic, and the offset behind it."""
    (found,) = [(one, end) for one, end in home.ends.items() if one.topic == home.prefix + TOPIC]
    return found


async def delete(home: Harness, one: TopicPartition, before: int) -> None:
    async with admin_of(home) as admin:
        await admin.delete_records({one: RecordsToDelete(before_offset=before)})


async def make_anew(home: Harness) -> None:
    name = home.prefix + TOPIC
    async with admin_of(home) as admin:
        await admin.delete_topics([name])

        async def made() -> bool:
            answer: Any = await admin.create_topics([NewTopic(name, 3, 1)])
            return all(code == 0 for _, code, *_ in answer.topic_errors)

        await until(made, what="the topic to be there again")


async def operator(home: Harness, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    for name, value in home.settings.model_dump(mode="json", exclude_none=True).items():
        monkeypatch.setenv(name.upper(), str(value))
    return await asyncio.to_thread(CliRunner().invoke, gaps_of(Terminal("probe", Settings)), list(words))


async def accepted(home: Harness, monkeypatch: pytest.MonkeyPatch, house: Running, said: str) -> None:
    """Accept the one gap there is, as the command lists it, and wait for the service to go on."""
    shown = (await operator(home, monkeypatch, "list")).output
    assert said in shown
    assert (await operator(home, monkeypatch, "accept", shown.split()[0])).exit_code == 0
    await until(lambda: answers(house, "/readyz", 200), what="readiness")
    await until(lambda: answers(house, "/metrics", 200, "kontor_consumer_gaps 0.0"), what="the metric to fall")


async def stands_still(house: Running, said: str) -> None:
    await until(lambda: answers(house, "/readyz", 503, said), timeout=20, what=f"readiness to say: {said}")
    assert await answers(house, "/metrics", 200, "kontor_consumer_gaps 1.0")
    assert await answers(house, "/livez", 200), "a restart would not bring the records back"


def meetings(*events: MeetingLogged) -> Sequence[UUID]:
    return [event.meeting for event in events]


async def test_F_E37_a_gap_in_the_log_stops_its_partition_until_it_is_accepted(
    home: Harness, monkeypatch: pytest.MonkeyPatch
):
    host = uuid4()
    events = some(host, 6)
    await consumed(home, *events[:2])
    await home.publish(*events[2:])
    one, end = place_of(home)
    await delete(home, one, end - 1)
    others = [uuid4() for _ in range(12)]
    await home.publish(*(meeting(uuid4(), other) for other in others))
    async with replica(home, ready=False) as (house, _):
        said = f"MeetingLogged partition {one.partition}: records {end - 4} to {end - 2} are gone"
        await stands_still(house, said)
        await until(lambda: home.sql("select 1 from effects where host = any($1)", others), what="other partitions")
        assert await effects(home, host) == meetings(*events[:2])
    async with replica(home, ready=False) as (house, _):
        await stands_still(house, said)
        assert (await operator(home, monkeypatch, "accept", "999")).exit_code == 1
        await accepted(home, monkeypatch, house, said)
        await at_rest(home, {host: meetings(*events[:2], events[5])})
        assert "no partition has a gap" in (await operator(home, monkeypatch, "list")).output
    async with replica(home):
        await home.settled()
    await whole(home, {host: meetings(*events[:2], events[5])})
    assert len(await home.sql("select 1 from chassis.gaps where accepted_at is not null")) == 1
    ((operation, after),) = await home.sql("select operation, after::text from chassis.audit where kind = 'gap'")
    assert operation == "accept"
    assert said in after


async def test_F_E37_records_that_go_while_the_consumer_is_behind_are_a_gap(
    home: Harness, monkeypatch: pytest.MonkeyPatch
):
    host, gate = uuid4(), uuid4()
    events = some(host, 5)
    async with replica(home) as (house, _):
        fetcher = cast("Any", house.consumer)._subscriber._subscriber.consumer._fetcher
        async with held_up(home, host, gate):
            await home.publish(events[0])
            one, end = place_of(home)

            async def fetched() -> bool:
                return one in fetcher._records

            await until(fetched, what="the first to be fetched")
            await home.publish(*events[1:4])
            await delete(home, one, end + 3)
        await home.publish(events[4])
        await stands_still(house, said := f"records {end} to {end + 2} are gone")
        assert await effects(home, host) == [gate, events[0].meeting]
        await accepted(home, monkeypatch, house, said)
        await at_rest(home, {host: [gate, *meetings(events[0], events[4])]})


@pytest.mark.parametrize("count", [1, pytest.param(5, marks=pytest.mark.torture)], ids=["shorter", "longer"])
async def test_F_E37_a_topic_that_was_made_anew_is_a_gap(home: Harness, monkeypatch: pytest.MonkeyPatch, count: int):
    host = uuid4()
    events = some(host, 3 + count)
    await consumed(home, *events[:3])
    await make_anew(home)
    await home.publish(*events[3:])
    async with replica(home, ready=False) as (house, _):
        await stands_still(house, said := "the topic was made anew, the old one's records from 3 on are gone")
        assert await effects(home, host) == meetings(*events[:3])
        await accepted(home, monkeypatch, house, said)
        await at_rest(home, {host: meetings(*events)})
    await whole(home, {host: meetings(*events)})


async def test_F_E37_partitions_that_are_added_are_consumed_from_their_first_record(home: Harness):
    host = uuid4()
    (event,) = some(host, 1)
    named = headers(event, id=uuid7(), source="conferencing", time=home.clock.now(), sequence=home.next_sequence())
    async with replica(home):
        async with admin_of(home) as admin:
            await admin.create_partitions({home.prefix + TOPIC: NewPartitions(4)})
        producer: Any = AIOKafkaProducer(bootstrap_servers=home.infrastructure.kafka)
        await producer.start()

        async def known() -> bool:
            await producer.client.force_metadata_update()
            return 3 in await producer.partitions_for(home.prefix + TOPIC)

        await until(known, what="the new partition to be known")
        what = {"key": event.record_key.encode(), "value": encode(event), "headers": named}
        await producer.send_and_wait(home.prefix + TOPIC, partition=3, **what)
        await producer.stop()
        await at_rest(home, {host: meetings(event)}, 20)


@pytest.mark.torture
async def test_F_E37_a_producer_whose_outbox_was_restored_is_not_believed_until_somebody_decides(
    home: Harness, monkeypatch: pytest.MonkeyPatch
):
    erased, now = CustomerErased.model_validate(CustomerErased.EXAMPLE), home.clock.now()
    gap = "CustomerErased partition {}: from record {} on its producer's numbers begin again"

    async def erases(house: Running, sequence: int, later: timedelta, *, stops: bool) -> None:
        (id_,) = await home.publish(erased, sequence=sequence, at=now + later)
        (one, end) = next((one, end) for one, end in home.ends.items() if one.topic == f"{home.prefix}CustomerErased")
        if stops:
            await stands_still(house, said := gap.format(one.partition, end - 1))
            assert not await home.sql("select 1 from chassis.inbox where id = $1", id_)
            await accepted(home, monkeypatch, house, said)
        await until(lambda: home.sql("select 1 from chassis.inbox where id = $1", id_), what="the event to be consumed")

    async with replica(home) as (house, _):
        await erases(house, 110, timedelta(), stops=False)
        await erases(house, 105, timedelta(seconds=20), stops=False)  # transactions overlap
        await erases(house, 105, timedelta(seconds=21), stops=True)  # the number was given before, to another
        await erases(house, 106, timedelta(seconds=22), stops=False)
        await erases(house, 120, timedelta(seconds=23), stops=False)
    async with replica(home) as (house, _):
        await erases(house, 119, timedelta(seconds=24), stops=False)
    async with replica(home) as (house, _):
        await erases(house, 107, timedelta(minutes=2), stops=True)  # lower than before this process began, and later
        await erases(house, 108, timedelta(minutes=3), stops=False)
    assert len(await home.sql("select 1 from chassis.gaps where kind = 'renumbered' and accepted_at is not null")) == 2


async def test_F_E37_what_a_restored_database_has_not_seen_is_consumed_again(home: Harness):
    events = some(host := uuid4(), 3)
    await consumed(home, *events)
    await home.sql("delete from effects where meeting <> $1", events[0].meeting)
    await home.sql("delete from chassis.inbox where id not in (select id from chassis.inbox order by id limit 1)")
    await home.sql("update chassis.consumed set next_offset = 1 where next_offset > 0")
    async with replica(home):
        await at_rest(home, {host: meetings(*events)})


async def test_F_E37_a_new_group_has_no_gap_and_neither_has_a_log_with_control_records(
    home: Harness, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(continuity, "COMPARE_SECONDS", 0.3)
    events = some(host := uuid4(), 6)
    await home.publish(*events[:3])
    one, end = place_of(home)
    await delete(home, one, end - 1)
    async with replica(home):
        await at_rest(home, {host: meetings(events[2])})
        for event in events[3:]:
            await publish_in_a_transaction(home, event)
        await at_rest(home, {host: meetings(*events[2:])})
        end += 2 * len(events[3:])
        reached = "select 1 from chassis.consumed where next_offset = $1"
        await until(lambda: home.sql(reached, end), what="the last control record to be passed over")
    await delete(home, one, end)
    last = meeting(uuid4(), host)
    async with replica(home):
        await home.publish(last)
        await at_rest(home, {host: meetings(*events[2:], last)})


async def publish_in_a_transaction(home: Harness, event: MeetingLogged) -> None:
    """Publish as a foreign system may, which leaves a record behind that no consumer sees."""
    named = headers(event, id=uuid7(), source="conferencing", time=home.clock.now())
    kafka = home.infrastructure.kafka
    producer: Any = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"{home.prefix}{event.meeting}")
    await producer.start()
    async with producer.transaction():
        await producer.send(home.prefix + TOPIC, key=event.record_key.encode(), value=encode(event), headers=named)
    await producer.stop()


def test_only_what_the_log_has_lost_is_a_gap():
    place = ("Topic", 1)
    assert compared(place, consumed=5, start=0, end=9) is None
    assert compared(place, consumed=5, start=5, end=5) is None
    assert compared(place, consumed=5, start=7, end=9) == Gap("Topic", 1, 5, 7)
    assert str(compared(place, consumed=5, start=6, end=9)) == "Topic partition 1: record 5 is gone"
    assert compared(place, consumed=5, start=0, end=4) == Gap("Topic", 1, 5, 0, GapKind.ANEW)
