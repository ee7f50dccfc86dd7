"""Two replicas: partitions move while batches are in hand, partitions are added, history is consumed from its start."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Any, cast
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from chassis_testing import Harness
from chassis_testing.harness import Faults, until
from chassis_testing.stack import Infrastructure
from contracts.shared import MeetingLogged
from probe.__main__ import service
from probe.around import replica, site
from probe.invariants import at_rest, whole
from probe.seen import effects, held_up
from probe.sending import some
from probe.web import meeting


@pytest.fixture
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


async def test_F_E18_F_E19_F_E22_a_batch_in_hand_while_its_partition_moves_takes_effect_once(home: Harness):
    host, gate = uuid4(), uuid4()
    first, second = Faults(), Faults()
    async with contextlib.AsyncExitStack() as stack:
        house, _ = await stack.enter_async_context(replica(home, first))
        async with held_up(home, host, gate):
            await home.publish(*some(host, 5))
            began = time.monotonic()
            joining = asyncio.create_task(stack.enter_async_context(replica(home, second)))
            await until(lambda: moved(house), timeout=20, what="the partitions to move")
        await joining
        expected = {host: [gate, *(event.meeting for event in some(host, 5))]}
        await at_rest(home, expected)
        assert time.monotonic() - began < 30, "the group has settled"
        hosts = [uuid4() for _ in range(12)]
        await home.publish(*(event for one in hosts for event in some(one, 2)))
        expected |= {one: [event.meeting for event in some(one, 2)] for one in hosts}
        await at_rest(home, expected)
        assert "consumer:after-offsets" in second.passed
    await whole(home, expected)


async def moved(house: Any) -> bool:
    """Return whether a replica has fewer than all partitions."""
    consumer: Any = house.consumer._subscriber._subscriber.consumer
    assigned = consumer.assignment()
    return len(assigned) < 3 * len(service.reactions.topics)


async def test_F_E18_replicas_that_are_stopped_and_started_under_load_lose_and_repeat_nothing(home: Harness):
    hosts = [uuid4() for _ in range(10)]
    expected = {host: [event.meeting for event in some(host, 20)] for host in hosts}

    async def publish() -> None:
        for number in range(20):
            await home.publish(*(some(host, 20)[number] for host in hosts))
            await asyncio.sleep(0.05)

    async with contextlib.AsyncExitStack() as first:
        await first.enter_async_context(replica(home))
        publishing = asyncio.create_task(publish())
        async with contextlib.AsyncExitStack() as second:
            await second.enter_async_context(replica(home))
            await first.aclose()
            async with replica(home):
                await second.aclose()
                await publishing
                await at_rest(home, expected)
    await whole(home, expected)


async def test_F_E24_events_in_partitions_that_were_added_are_consumed(home: Harness):
    admin = AIOKafkaAdminClient(bootstrap_servers=home.infrastructure.kafka)
    await admin.start()
    async with replica(home) as (house, _):
        await admin.create_partitions({f"{home.prefix}MeetingLogged": NewPartitions(total_count=9)})
        await admin.close()
        hosts = [uuid4() for _ in range(30)]
        producer: Any = home.broker.producer
        await until(lambda: knows(producer, home), what="the producer to know the new partitions")
        await home.publish(*(event for host in hosts for event in some(host, 1)))
        consumer: Any = cast("Any", house.consumer)._subscriber._subscriber.consumer
        await consumer._client.force_metadata_update()  # by itself after five minutes at most
        expected = {host: [event.meeting for event in some(host, 1)] for host in hosts}
        await at_rest(home, expected)
    await whole(home, expected)


async def knows(producer: Any, home: Harness) -> bool:
    topic = f"{home.prefix}MeetingLogged"
    await producer.client.force_metadata_update()
    return len(await producer.partitions_for(topic)) == 9


async def test_F_E23_F_E26_a_new_group_consumes_all_history_and_a_full_replay_has_no_new_effect(home: Harness):  # PLT-5
    hosts = [uuid4() for _ in range(5)]
    events: list[MeetingLogged] = [event for host in hosts for event in some(host, 40)]
    await home.publish(*events)
    expected = {host: [event.meeting for event in some(host, 40)] for host in hosts}
    async with replica(home):
        await at_rest(home, expected)
    await whole(home, expected)
    known = len(await home.sql("select 1 from chassis.inbox"))
    await back_to_the_start(home)
    faults = Faults()
    last = meeting(uuid4(), hosts[0])
    async with replica(home, faults):
        await home.publish(last)
        expected[hosts[0]] = [*expected[hosts[0]], last.meeting]
        await at_rest(home, expected)
        await home.settled()
    await whole(home, expected)
    assert len(await home.sql("select 1 from chassis.inbox")) == known + 1
    assert [len(await effects(home, host)) for host in hosts] == [41, 40, 40, 40, 40]


async def back_to_the_start(home: Harness) -> None:
    """Set the group's offsets to 0, as somebody does who wants all history again."""
    kafka, group = home.infrastructure.kafka, f"{home.prefix}probe"
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    partitions = [TopicPartition(f"{home.prefix}MeetingLogged", number) for number in range(3)]
    consumer.assign(partitions)
    await consumer.commit(dict.fromkeys(partitions, 0))
    await consumer.stop()
