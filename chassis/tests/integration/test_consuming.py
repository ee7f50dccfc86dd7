"""The consumer handles each event once, in order, and loses nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import TopicPartition
from chassis.consuming.parking import TRIES
from chassis.consuming.subscriber import WaitingConsumer
from chassis.db import Tx
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.event import type_of
from contracts.shared import ErasureConfirmed
from contracts.wire import Attributes, encode
from probe import script
from probe.__main__ import service
from probe.around import OWN_TOPICS
from probe.domain import MeetingRefused
from probe.seen import counted, dead, dead_copy, effects, held_up, key, publish_together, settled_by_clock, waiting
from probe.web import meeting
from uuid_utils.compat import uuid7


async def test_F_E16_an_event_consumed_three_times_takes_effect_once(probe: Harness):
    host, event_id = uuid4(), uuid7()
    event = meeting(uuid4(), host)
    for _ in range(3):
        await probe.publish(event, event_id=event_id)
    await probe.settled()
    await probe.publish(event, event_id=event_id)
    await probe.settled()
    assert await effects(probe, host) == [event.meeting]


async def test_F_E28_the_same_id_with_another_payload_is_refused_and_counted(probe: Harness):
    host, event_id = uuid4(), uuid7()
    first, second = meeting(uuid4(), host), meeting(uuid4(), host)
    before = await counted(probe, "kontor_dead_events_total")
    await probe.publish(first, event_id=event_id)
    await probe.settled()
    await probe.publish(second, event_id=event_id)
    await probe.settled()
    assert await effects(probe, host) == [first.meeting]
    assert await dead(probe, host) == ["PayloadDiffers: this id was consumed before with another payload"]
    assert await counted(probe, "kontor_dead_events_total") == before + 1


async def test_F_E28_two_payloads_under_one_id_in_one_batch_are_told_apart(probe: Harness):
    host, event_id = uuid4(), uuid7()
    first, second = meeting(uuid4(), host), meeting(uuid4(), host)
    await publish_together(probe, event_id, first, first, second)
    await probe.settled()
    assert await effects(probe, host) == [first.meeting]
    assert await dead(probe, host) == ["PayloadDiffers: this id was consumed before with another payload"]
    await probe.publish(first, event_id=event_id)
    await probe.settled()
    assert len(await dead(probe, host)) == 1, "the first payload is the one that is known"


async def test_F_E14_a_poisoned_event_lets_other_keys_pass_and_is_dead_with_its_bytes_and_reason(
    probe: Harness,
):
    poisoned, innocent, gate = uuid4(), uuid4(), uuid4()
    poison = meeting(uuid4(), poisoned)
    after, others = meeting(uuid4(), poisoned), [meeting(uuid4(), innocent) for _ in range(5)]
    script.always[poison.meeting] = MeetingRefused("for a reason")
    async with held_up(probe, innocent, gate):
        await probe.publish(*others[:2], poison, after, *others[2:])
    await probe.settled()
    assert await effects(probe, innocent) == [gate, *(other.meeting for other in others)]
    assert await effects(probe, poisoned) == [after.meeting]
    copy = await dead_copy(probe, poisoned)
    assert copy.value == encode(poison)
    assert copy.key == str(poisoned).encode()
    headers = dict(copy.headers)
    assert Attributes.parse(copy.headers).type == type_of("MeetingLogged")
    assert headers["dead_topic"] == b"MeetingLogged"
    assert headers["dead_reason"] == b"MeetingRefused: for a reason"
    assert headers["dead_offset"].isdigit()


async def test_F_E11_an_event_that_fails_for_a_while_holds_its_key_and_succeeds_in_order(probe: Harness):
    host = uuid4()
    first, second, third = (meeting(uuid4(), host) for _ in range(3))
    script.planned[first.meeting] = [RuntimeError("x"), RuntimeError("x"), RuntimeError("x")]
    await probe.publish(first, second)
    await probe.publish(third)
    await until(lambda: waiting(probe, host, 3), what="all three to wait")
    rows = await probe.sql("select reason, attempts from chassis.parked where key = $1 order by id", key(host))
    assert [row["reason"] for row in rows] == ["RuntimeError", *["waits behind a parked event"] * 2]
    await settled_by_clock(probe)
    assert await effects(probe, host) == [first.meeting, second.meeting, third.meeting]
    assert script.played.count(first.meeting) >= 4, "it failed three times"


async def test_an_offset_that_a_recreated_topic_uses_again_loses_no_parked_event(probe: Harness):
    host = uuid4()
    first, second = meeting(uuid4(), host), meeting(uuid4(), host)
    script.planned[first.meeting] = [RuntimeError("x"), RuntimeError("x")]
    await probe.publish(first)
    await until(lambda: waiting(probe, host, 1), what="the first to wait")
    await probe.sql("update chassis.parked set record_offset = record_offset + 1 where key = $1", key(host))
    await probe.publish(second)
    await settled_by_clock(probe)
    assert await effects(probe, host) == [first.meeting, second.meeting]


async def test_an_event_that_never_succeeds_is_dead_after_its_tries_and_its_followers_go_on(probe: Harness):
    host = uuid4()
    first, second = meeting(uuid4(), host), meeting(uuid4(), host)
    script.always[first.meeting] = RuntimeError("always")
    await probe.publish(first, second)
    await until(lambda: waiting(probe, host, 2), what="both to wait")
    await probe.sql("update chassis.parked set attempts = $2 where key = $1 and attempts > 0", key(host), TRIES - 3)
    await settled_by_clock(probe)
    assert script.played.count(first.meeting) >= 4
    assert await effects(probe, host) == [second.meeting]
    assert await dead(probe, host) == ["RuntimeError"]
    assert (await dead_copy(probe, host)).value == encode(first)


async def test_an_event_that_publishes_one_too_large_is_dead_at_once(probe: Harness):
    host = uuid4()
    event = meeting(uuid4(), host)

    async def publish_too_much(tx: Tx | None) -> None:
        assert tx is not None
        tx.publish(meeting(uuid4(), host).model_copy(update={"source": "x" * 1_000_000}))

    script.always[event.meeting] = publish_too_much
    await probe.publish(event)
    await probe.settled()
    assert (await dead(probe, host))[0].startswith("EventTooLarge: MeetingLogged has 1000")


async def test_a_value_the_database_cannot_hold_concerns_that_event_only(probe: Harness):
    host, other = uuid4(), uuid4()
    event, innocent = meeting(uuid4(), host, participants=2**15), meeting(uuid4(), other)
    await probe.publish(event)
    await until(lambda: waiting(probe, host, 1), what="the event to be parked")
    await probe.publish(innocent)
    await until(lambda: effects(probe, other), what="the next event to take effect")
    await probe.sql("delete from chassis.parked where key = $1", key(host))


async def test_F_E26_history_before_the_set_date_builds_state_without_effects(service_home: ServiceHome):
    since = datetime(2026, 6, 1, tzinfo=UTC)
    async with service_home(service, more_topics=OWN_TOPICS, effects_since=since) as late:
        host = uuid4()
        await late.publish(meeting(uuid4(), host), at=since - timedelta(seconds=1))
        await late.publish(meeting(uuid4(), host), at=since)
        await late.settled()
        rows = await late.sql("select effects from effects where host = $1 order by position", host)
        assert [row["effects"] for row in rows] == [False, True]


async def test_deadlocks_and_lost_serialisation_are_repeated_without_parking(probe: Harness):
    host = uuid4()
    event = meeting(uuid4(), host)
    script.planned[event.meeting] = [asyncpg.DeadlockDetectedError("x"), asyncpg.SerializationError("x")]
    await probe.publish(event)
    await probe.settled()
    assert await effects(probe, host) == [event.meeting]
    assert not await probe.sql("select 1 from chassis.parked where key = $1", key(host))


async def test_a_service_publishes_in_the_order_in_which_it_consumes_for_each_key(probe: Harness):
    host = uuid4()
    events = [meeting(uuid4(), host) for _ in range(20)]
    await probe.publish(*events)
    await probe.settled()
    keys = [e.key for e in await probe.published(ErasureConfirmed, at_least=20) if e.customer == host]
    assert keys == [event.meeting for event in events]


async def test_a_consumer_that_is_stopped_after_a_failed_fetch_closes_its_client(
    probe: Harness, caplog: pytest.LogCaptureFixture
):
    # Kafka would answer after five seconds only, and the next try is a minute away
    consumer: Any = WaitingConsumer(
        bootstrap_servers=probe.infrastructure.kafka,
        request_timeout_ms=1000,
        fetch_max_wait_ms=5000,
        retry_backoff_ms=60_000,
    )
    await consumer.start()
    consumer.assign([TopicPartition(f"{probe.prefix}dead.probe", 0)])

    async def failed() -> bool:
        return "Failed fetch messages" in caplog.text

    await until(failed, what="a fetch to fail")
    await consumer.stop()
    assert consumer._client._sync_task is None
