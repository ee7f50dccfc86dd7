"""A service answers an export once, whatever happens meanwhile, and nothing of it is in clear. GDPR 15, 20"""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.exporting import Share
from chassis.identity import seal
from chassis_testing import Harness
from chassis_testing.exports import Export
from chassis_testing.harness import until
from probe import shares
from probe.web import meeting


async def test_a_share_holds_what_is_known_of_the_person_and_of_nobody_else(probe: Harness):
    person, other = uuid4(), uuid4()
    own, foreign = meeting(uuid4(), person), meeting(uuid4(), other)
    await probe.publish(own, foreign)
    await probe.settled()
    export = Export(probe, person)
    await probe.publish(export.request)
    answer = await export.answer()
    assert (answer["service"], answer["notes"]) == ("probe", [])
    assert [one["meeting"] for one in answer["meetings"]] == [str(own.meeting)]


async def test_nothing_of_a_share_is_in_clear_in_kafka_or_the_outbox(probe: Harness):
    person, word = uuid4(), f"word{uuid4().hex}"
    shares.added[person] = Share({"letters": [{"text": word}]})
    export = Export(probe, person)
    await probe.publish(export.request)
    assert (await export.answer())["letters"] == [{"text": word}]
    assert not any(word.encode() in record.value for record in probe.log["DataShareExported"])


async def test_a_large_share_comes_in_parts(probe: Harness):
    person = uuid4()
    letters = [{"number": number, "text": "ä€" * 40_000} for number in range(10)]
    shares.added[person] = Share({"letters": letters})
    export = Export(probe, person)
    await probe.publish(export.request)
    assert (await export.answer())["letters"] == letters
    assert len(await export.parts()) == 4


async def test_a_request_that_arrives_again_is_answered_once(probe: Harness):
    export = Export(probe, uuid4())
    await probe.publish(export.request)
    await export.answer()
    await probe.publish(export.request)
    await probe.publish(export.request)
    await probe.settled()
    await asyncio.sleep(2.5)
    await probe.settled()
    assert len(await export.parts()) == 1


@pytest.mark.parametrize("point", [pytest.param("exports:taken", marks=pytest.mark.torture), "exports:sealed"])
async def test_one_who_is_stopped_in_the_middle_answers_afterwards_and_once(probe: Harness, point: str):
    export, passed = Export(probe, uuid4()), list[str]()

    def crash() -> None:
        passed.append(point)
        raise RuntimeError(point)

    probe.fault.planned[point] = crash
    await probe.publish(export.request)
    await until(lambda: _are(passed), what=point)
    assert await export.parts() == []
    del probe.fault.planned[point]
    await export.rested()
    await export.answer()
    await export.rested()
    await asyncio.sleep(2.5)
    assert len(await export.parts()) == 1


@pytest.mark.torture
async def test_one_who_is_stopped_before_the_commit_has_published_nothing(probe: Harness):
    export, passed = Export(probe, uuid4()), list[str]()

    def crash() -> None:
        passed.append("here")
        raise RuntimeError

    probe.fault.planned["transaction:published"] = crash
    await probe.publish(export.request)
    await until(lambda: _are(passed), what="the outbox to be written")
    del probe.fault.planned["transaction:published"]
    assert await export.parts() == []
    await export.rested()
    await export.answer()


async def test_who_is_not_expected_or_comes_too_late_answers_nothing(probe: Harness):
    unexpected = Export(probe, uuid4(), expected=["orders"])
    late = Export(probe, uuid4(), expires_at=probe.clock.now() - timedelta(seconds=1))
    asked = Export(probe, uuid4())
    await probe.publish(unexpected.request, late.request, asked.request)
    await asked.answer()
    assert await unexpected.parts() == await late.parts() == []


async def test_boxes_are_opened_for_the_purpose_of_the_export(probe: Harness):
    person, key = uuid4(), probe.accounts.new_key()
    shares.added[person] = Share({"names": [{"name": seal("Erika", key, "name")}]})
    first = Export(probe, person)
    await probe.publish(first.request)
    assert (await first.answer())["names"] == [{"name": "Erika"}]
    assert ("export", key.key) in probe.accounts.asked


async def _are(passed: list[str]) -> bool:
    return bool(passed)
