"""Starting, stopping and being killed: nothing is lost, nothing takes effect twice."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from operator import attrgetter
from typing import Any
from uuid import uuid4

import pytest
from chassis.consuming.batches import Chunks
from chassis.consuming.consumer import UnsafeSubscriber, refuse_unsafe
from chassis.consuming import on
from chassis_testing import Harness
from chassis_testing.harness import Faults, until
from chassis_testing.stack import Infrastructure
from contracts.shared import MeetingLogged
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from probe.around import answers, replica, site
from probe.messaging import note_meeting
from probe.seen import effects, held_up
from probe.sending import some
from probe.web import meeting
from probe.wire import wire_to


@pytest.fixture(scope="module")
async def place(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


def times(faults: Faults, point: str) -> int:
    return faults.passed.count(point)


async def test_a_stop_lets_the_chunk_in_hand_end_and_nothing_is_heard_again(place: Harness):
    host, gate, faults = uuid4(), uuid4(), Faults()
    async with contextlib.AsyncExitStack() as stack:
        _, url = await stack.enter_async_context(replica(place, faults))
        async with held_up(place, host, gate):
            leaving = asyncio.create_task(stack.aclose())
            await until(lambda: answers(url, "/readyz", 503, "draining"), what="readiness to say so")
        await leaving
    assert await effects(place, host) == [gate]
    before = times(faults, "consumer:before-offsets")
    assert before >= 1
    async with replica(place, faults):
        last = meeting(uuid4(), host)
        await place.publish(last)
        await place.settled()
    assert await effects(place, host) == [gate, last.meeting]
    assert times(faults, "consumer:before-offsets") == before + 1, "nothing was heard again"


async def test_what_the_last_chunk_said_reaches_the_log_before_the_end(place: Harness):
    host, gate = uuid4(), uuid4()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(replica(place))
        async with held_up(place, host, gate):
            leaving = asyncio.create_task(stack.aclose())
            await asyncio.sleep(0.1)
        await leaving
    assert not await place.sql("select 1 from chassis.outbox")


async def test_F_E11_events_whose_trying_is_cut_short_by_a_stop_are_heard_again(place: Harness):
    host, faults = uuid4(), Faults()
    await place.sql("alter table effects rename to mislaid")
    async with replica(place, faults):
        await place.publish(*some(host, 3))
        await until(lambda: passed(faults, "consumer:admitted"), what="a try")
    await place.sql("alter table mislaid rename to effects")
    async with replica(place):
        await place.settled()
    assert await effects(place, host) == [event.meeting for event in some(host, 3)]


@pytest.mark.parametrize("point", ["consumer:admitted", "consumer:handled", "consumer:before-offsets"])
async def test_F_E16_F_E17_a_consumer_cut_off_at_any_point_leaves_each_effect_once(place: Harness, point: str):
    host, faults = uuid4(), Faults()
    events = some(host, 3)

    def die() -> None:
        raise asyncio.CancelledError

    faults.planned[point] = die
    async with replica(place, faults):
        await place.publish(*events)
        await until(lambda: passed(faults, point), what=point)
    committed = point == "consumer:before-offsets"
    assert bool(await effects(place, host)) == committed
    async with replica(place):
        await place.settled()
    assert await effects(place, host) == [event.meeting for event in events]


async def passed(faults: Faults, point: str) -> bool:
    return point in faults.passed


async def test_F_E18_replicas_come_and_go_and_every_event_takes_effect_once(place: Harness):
    hosts = [uuid4() for _ in range(20)]
    events = {host: some(host, 15) for host in hosts}

    async def talk() -> None:
        for number in range(15):
            await place.publish(*(events[host][number] for host in hosts))

    async with contextlib.AsyncExitStack() as first:
        await first.enter_async_context(replica(place))
        talking = asyncio.create_task(talk())
        async with replica(place):
            await first.aclose()
            await talking
            await place.settled()
    for host in hosts:
        assert sorted(await effects(place, host)) == sorted(event.meeting for event in events[host])
    distinct = await place.sql("select count(*), count(distinct id) from chassis.inbox")
    assert distinct[0][0] == distinct[0][1]


async def test_F_E35_a_service_starts_without_the_log_and_hears_when_it_comes(place: Harness):
    host = uuid4()
    wire = wire_to(place.infrastructure.kafka)
    await wire.listen()
    wire.hang_up()
    event = meeting(uuid4(), host)
    await place.publish(event)
    async with replica(place, ready=False, kafka=f"127.0.0.1:{wire.port}") as (_, url):
        await until(lambda: answers(url, "/readyz", 503, "the log cannot be reached"), what="readiness to say so")
        assert await answers(url, "/livez", 200)
        await wire.listen()
        await until(lambda: answers(url, "/readyz", 200), timeout=20, what="the log")
        await place.settled()
    wire.hang_up()
    assert await effects(place, host) == [event.meeting]


async def test_a_missing_topic_is_named_by_readiness(place: Harness):
    async with replica(place, ready=False, topic_prefix="nowhere.") as (_, url):
        named = "nowhere.CustomerErased, nowhere.MeetingLogged"
        await until(lambda: answers(url, "/readyz", 503, named), what="readiness to name them")
        assert await answers(url, "/livez", 200)


async def test_F_E20_a_silent_part_fails_liveness_and_is_named(place: Harness):
    async with replica(place) as (house, url):
        assert await answers(url, "/livez", 200)
        assert {"relay", "consumer", "drain"} <= house.pulse.beats.keys()
        house.pulse.beats["something"] = house.pulse.beats["relay"] - 31
        assert await answers(url, "/livez", 503, "something")


@pytest.mark.parametrize("task", ["_fetcher._fetch_task", "_coordinator._coordination_task"])
async def test_F_E20_a_background_task_of_the_client_library_that_dies_fails_liveness(
    place: Harness, task: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chassis.service.running.QUIET_SECONDS", 3.0)
    async with replica(place) as (house, url):
        consumer: Any = house.consumer
        attrgetter(task)(consumer._subscriber.consumer).cancel()
        await until(lambda: answers(url, "/livez", 503, "consumer"), timeout=15, what="liveness to fail")


async def test_a_part_that_ends_fails_liveness(place: Harness):
    async with replica(place, Faults()) as (house, url):
        assert house.consumer is not None
        for task in [task for task in asyncio.all_tasks() if "Consumer.run" in repr(task.get_coro())]:
            task.cancel()
        await until(lambda: answers(url, "/livez", 503, "a part of the backbone has ended"), what="liveness to fail")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ack_policy": AckPolicy.ACK_FIRST, "batch": True, "group_id": "x", "auto_offset_reset": "earliest"},
        {"ack_policy": AckPolicy.NACK_ON_ERROR, "batch": True, "group_id": "x", "auto_offset_reset": "earliest"},
        {"ack_policy": AckPolicy.MANUAL, "group_id": "x", "auto_offset_reset": "earliest"},
        {"ack_policy": AckPolicy.MANUAL, "batch": True, "auto_offset_reset": "earliest"},
        {"ack_policy": AckPolicy.MANUAL, "batch": True, "group_id": "x"},
    ],
)
async def test_F_E12_a_subscriber_that_could_lose_events_is_refused(options: dict[str, object]):
    broker = KafkaBroker("127.0.0.1:1")
    broker.subscriber("topic", **options)  # pyright: ignore[reportArgumentType, reportCallIssue] -- wrong on purpose
    with pytest.raises(UnsafeSubscriber):
        refuse_unsafe(broker)


async def test_two_reactions_to_one_event_are_a_mistake(place: Harness):
    twice = [on(MeetingLogged, note_meeting), on(MeetingLogged, note_meeting)]
    with pytest.raises(TypeError, match="reacts twice to MeetingLogged"):
        Chunks(None, "probe", twice, asyncio.Event())  # pyright: ignore[reportArgumentType] -- wrong on purpose
