"""Starting, stopping and being killed: nothing is lost, nothing takes effect twice."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from chassis.consuming.subscriber import UnsafeSubscriber, refuse_unsafe
from chassis_testing import Harness
from chassis_testing.harness import Faults, until
from chassis_testing.stack import Infrastructure
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from probe.around import answers, replica, site
from probe.seen import effects, held_up
from probe.sending import some
from probe.web import meeting
from probe.wire import renamed, wire_to


@pytest.fixture(scope="module")
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


def times(faults: Faults, point: str) -> int:
    return faults.passed.count(point)


async def test_a_stop_lets_the_batch_in_hand_end_and_nothing_is_consumed_again(home: Harness):
    host, gate, faults = uuid4(), uuid4(), Faults()
    async with contextlib.AsyncExitStack() as stack:
        house, _ = await stack.enter_async_context(replica(home, faults))
        async with held_up(home, host, gate):
            leaving = asyncio.create_task(stack.aclose())
            await until(lambda: answers(house, "/readyz", 503, "draining"), what="readiness to name why")
        await leaving
    assert await effects(home, host) == [gate]
    before = times(faults, "consumer:before-offsets")
    assert before >= 1
    async with replica(home, faults):
        last = meeting(uuid4(), host)
        await home.publish(last)
        await home.settled()
    assert await effects(home, host) == [gate, last.meeting]
    assert times(faults, "consumer:before-offsets") == before + 1, "nothing was consumed again"


async def test_what_the_last_batch_published_reaches_kafka_before_the_end(home: Harness):
    host, gate = uuid4(), uuid4()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(replica(home))
        async with held_up(home, host, gate):
            leaving = asyncio.create_task(stack.aclose())
            await asyncio.sleep(0.1)
        await leaving
    assert not await home.sql("select 1 from chassis.outbox")


async def test_F_E11_events_whose_handling_is_cut_short_by_a_stop_are_consumed_again(home: Harness):
    host, faults = uuid4(), Faults()
    await home.sql("alter table effects rename to mislaid")
    async with replica(home, faults):
        await home.publish(*some(host, 3))
        await until(lambda: passed(faults, "consumer:admitted"), what="a try")
    await home.sql("alter table mislaid rename to effects")
    async with replica(home):
        await home.settled()
    assert await effects(home, host) == [event.meeting for event in some(host, 3)]


@pytest.mark.parametrize("point", ["consumer:admitted", "consumer:handled", "consumer:before-offsets"])
async def test_F_E16_F_E17_a_consumer_cut_off_at_any_point_leaves_each_effect_once(home: Harness, point: str):
    host, faults = uuid4(), Faults()
    events = some(host, 3)

    def die() -> None:
        raise asyncio.CancelledError

    faults.planned[point] = die
    async with replica(home, faults):
        await home.publish(*events)
        await until(lambda: passed(faults, point), what=point)
    committed = point == "consumer:before-offsets"
    assert bool(await effects(home, host)) == committed
    async with replica(home):
        await home.settled()
    assert await effects(home, host) == [event.meeting for event in events]


async def passed(faults: Faults, point: str) -> bool:
    return point in faults.passed


async def test_F_E18_replicas_come_and_go_and_every_event_takes_effect_once(home: Harness):
    hosts = [uuid4() for _ in range(20)]
    events = {host: some(host, 15) for host in hosts}

    async def publish() -> None:
        for number in range(15):
            await home.publish(*(events[host][number] for host in hosts))

    async with contextlib.AsyncExitStack() as first:
        await first.enter_async_context(replica(home))
        publishing = asyncio.create_task(publish())
        async with replica(home):
            await first.aclose()
            await publishing
            await home.settled()
    for host in hosts:
        assert sorted(await effects(home, host)) == sorted(event.meeting for event in events[host])
    distinct = await home.sql("select count(*), count(distinct id) from chassis.inbox")
    assert distinct[0][0] == distinct[0][1]


async def test_F_E35_a_service_starts_without_kafka_and_consumes_when_it_comes(home: Harness):
    host = uuid4()
    wire = wire_to(home.infrastructure.kafka)
    await wire.listen()
    wire.hang_up()
    event = meeting(uuid4(), host)
    await home.publish(event)
    async with replica(home, ready=False, kafka_bootstrap_servers=f"127.0.0.1:{wire.port}") as (house, _):
        await until(lambda: answers(house, "/readyz", 503, "Kafka cannot be reached"), what="readiness to name why")
        assert await answers(house, "/livez", 200)
        await wire.listen()
        await until(lambda: answers(house, "/readyz", 200), timeout=20, what="Kafka")
        await home.settled()
    wire.hang_up()
    assert await effects(home, host) == [event.meeting]


async def test_a_missing_topic_is_named_by_readiness(home: Harness):
    async with replica(home, ready=False, topic_prefix="nowhere.") as (house, _):
        named = "nowhere.CustomerErased, nowhere.DataExportRequested, nowhere.DownloadCompleted"
        await until(lambda: answers(house, "/readyz", 503, named), what="readiness to name them")
        assert await answers(house, "/livez", 200)


async def test_a_broker_that_calls_itself_by_a_name_that_leads_nowhere_is_named_by_readiness(home: Harness):
    async with (
        renamed(home.infrastructure.kafka, b"k.invalid") as kafka,
        replica(home, ready=False, kafka_bootstrap_servers=kafka) as (house, _),
    ):
        await until(lambda: answers(house, "/readyz", 503, "calls itself k.invalid:"), what="readiness to name it")


async def test_a_password_that_is_refused_is_named_by_readiness(home: Harness):
    address = urlsplit(home.database_url)
    wrong = urlunsplit(address._replace(netloc=f"stranger:wrong@{address.netloc.rpartition('@')[2]}"))
    async with replica(home, ready=False, database_url=wrong) as (house, _):
        refused = "PostgreSQL refuses the user stranger, or its password."
        await until(lambda: answers(house, "/readyz", 503, refused), what="readiness to name why")


async def test_F_E20_a_silent_part_fails_liveness_and_is_named(home: Harness):
    async with replica(home) as (house, _):
        assert await answers(house, "/livez", 200)
        assert {"relay", "consumer", "retry"} <= house.pulse.beats.keys()
        house.pulse.beats["something"] = house.pulse.beats["relay"] - 31
        assert await answers(house, "/livez", 503, "something")


@pytest.mark.parametrize("task", ["_fetcher._fetch_task", "_coordinator._coordination_task"])
async def test_F_E20_a_background_task_of_the_client_library_that_dies_fails_liveness(
    home: Harness, task: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chassis.service.pulse.QUIET_SECONDS", 3.0)
    async with replica(home) as (house, _):
        consumer: Any = house.consumer
        attrgetter(task)(consumer._subscriber._subscriber.consumer).cancel()
        await until(lambda: answers(house, "/livez", 503, "consumer"), timeout=15, what="liveness to fail")


async def test_a_part_that_ends_fails_liveness(home: Harness):
    async with replica(home, Faults()) as (house, _):
        assert house.consumer is not None
        for task in [task for task in asyncio.all_tasks() if task.get_name() == "probe retry"]:
            task.cancel()
        said = "a part of the backbone has ended: probe retry, cancelled"
        await until(lambda: answers(house, "/livez", 503, said), what="liveness to fail")


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
