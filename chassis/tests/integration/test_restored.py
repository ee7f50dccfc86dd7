"""A database that was restored to an earlier state does not know what its service has published since."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from chassis.config import Clock
from chassis.db import Database
from chassis.doctor import Grade
from chassis.doctor.copies import examine
from chassis.publishing.published import CHUNK, Knowledge
from chassis.service.doctoring import patient_of
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.operator import operate
from chassis_testing.stack import Infrastructure
from contracts.accounts import CustomerErased
from probe.__main__ import service
from probe.around import answers, replica, site
from probe.web import meeting

WHO = "accounts"  # the probe publishes nothing that is its own alone


@pytest.fixture
async def home(
    infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Harness]:
    monkeypatch.setattr(service, "name", WHO)
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


async def publish(home: Harness, *numbers: int, before: timedelta = timedelta()) -> None:
    for number in numbers:
        erased = CustomerErased.model_validate({**CustomerErased.EXAMPLE, "customer": uuid4()})
        await home.publish(erased, sequence=number, at=home.clock.now() - before)


async def given(home: Harness, number: int) -> None:
    """Let the database have given numbers up to this one, with three events that it has not sent."""
    waiting = """
    insert into chassis.outbox (id, aggregatetype, aggregateid, type, payload, occurred_at)
    select gen_random_uuid(), 'CustomerErased', 'key', 'CustomerErased', '{}', now() + n * interval '1 second'
    from generate_series(1, 3) as n
    """
    # a sequence is ahead of what has committed, by up to 32 after a recovery
    await home.sql("select setval('chassis.outbox_sequence_seq', $1)", number - 3)
    await home.sql(waiting)
    await home.sql("select setval('chassis.outbox_sequence_seq', $1)", number + 32)


async def test_F_A12_a_service_whose_database_was_restored_does_nothing_until_its_numbers_go_on(home: Harness):
    numbers = range(40, 40 + 3 * CHUNK)
    await publish(home, *numbers)
    await given(home, number=50)
    async with replica(home, ready=False) as (house, url):
        known = "it has numbered 50 events, and Kafka holds CustomerErased"
        await until(lambda: answers(house, "/readyz", 503, known), timeout=20, what="readiness to name it")
        async with home.http.get(f"{url}/words/x") as answer:
            assert answer.status == 503, "nobody is let in"
        assert not await home.sql("select 1 from chassis.inbox"), "nothing is consumed"
        assert len(await home.sql("select 1 from chassis.outbox")) == 3, "nothing is published"
        printed = (await operate(home, "backup", "restored", "--json")).output
        lost = [orjson.loads(line) for line in printed.splitlines()]
        assert [row["number"] for row in lost] == [number for number in numbers if number > 50]
        assert (lost[0]["topic"], lost[0]["service"]) == ("CustomerErased", WHO)
    ((low, high),) = await home.sql("select min(sequence), max(sequence) from chassis.outbox")
    assert (low > numbers[-1], high - low) == (True, 2)
    assert [row[0] for row in await home.sql("select occurred_at from chassis.outbox order by sequence")] == sorted(
        row[0] for row in await home.sql("select occurred_at from chassis.outbox")
    )
    again = await operate(home, "backup", "restored")
    assert "nothing was to be done" in again.output, "safe to repeat"
    assert len(await home.sql("select 1 from chassis.audit where kind = 'database'")) == 1
    database = Database(home.settings.dsn, WHO, Clock(home.clock_file), connections=1)
    await database.open()
    knowledge = Knowledge(database, home.settings.brokers, WHO, home.prefix)
    await asyncio.wait_for(knowledge.wait(asyncio.Event()), 20)
    await database.close()
    assert knowledge.failure == ""


async def test_what_a_copy_is_worth_is_said_before_it_is_needed(home: Harness):
    await given(home, number=50)
    await publish(home, 49, 50)
    await home.publish(meeting(uuid4(), uuid4()))

    async def graded(oldest: timedelta | None = None) -> dict[str, tuple[Grade, str]]:
        found = await examine(patient_of(service), home.settings, oldest)
        return {one.check: (one.grade, one.text) for one in found}

    assert {grade for grade, _ in (await graded()).values()} == {Grade.OK}
    await publish(home, 51, before=timedelta(minutes=20))
    await publish(home, 52)
    grade, text = (await graded())["published"]
    assert (grade, text) == (
        Grade.WARNING,
        "The copy does not know 2 events of the last 20 minutes: CustomerErased 2.",
    )
    assert (await graded(timedelta(minutes=15)))["published"][0] is Grade.ERROR
    await home.sql("insert into chassis.consumed (topic, partition, next_offset) values ('MeetingLogged', 0, 99)")
    grade, text = (await graded())["consumed"]
    assert (grade, "MeetingLogged partition 0: the topic was made anew" in text) == (Grade.ERROR, True)
