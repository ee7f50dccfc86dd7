"""What is published under one key is in Kafka in the order in which it was published, however many do so at once."""

import asyncio
from functools import partial
from typing import Any
from uuid import uuid4

from chassis_testing import until
from contracts.wire import Attributes

from services.rewards.tests.integration.conftest import BASKET, HOUR, Stage
from services.rewards.tests.integration.test_doors import report


def disordered(stage: Stage, topic: str, key: str) -> list[int]:
    """The sequences of a key's events that come behind a later one."""
    records = [record for record in stage.home.log.get(topic, []) if record.key == key.encode()]
    sequences = [Attributes.parse(record.headers).sequence or 0 for record in records]
    assert sequences
    return [one for at, one in enumerate(sequences) if one < max(sequences[:at], default=0)]


async def test_F_E04_ninety_meetings_of_one_host_logged_at_once_are_in_order(stage: Stage):  # I9
    host = str(uuid4())
    staff = stage.staff()

    async def taken(body: Any) -> bool:
        status, _ = await stage.ask("POST", "/meetings", staff, body)
        assert status in {202, 503}  # the latter where the database is busy
        return status == 202

    bodies = [report(stage, host=host) for _ in range(90)]
    await asyncio.gather(*(until(partial(taken, body), what="a meeting to be taken") for body in bodies))
    await stage.home.settled()
    assert not disordered(stage, "MeetingLogged", host)


async def test_F_E04_what_a_member_redeemed_is_fulfilled_at_once_and_in_order(stage: Stage):  # I9
    member = await stage.member()
    await stage.publish(*(stage.meeting(member, HOUR * number) for number in range(1, 91)))
    await stage.home.settled()
    made = [(await member.post("/redemptions", BASKET))[1]["redemption"] for _ in range(3)]
    paths = [f"/redemptions/{redemption}/fulfilment" for redemption in made]
    answers = await asyncio.gather(*(stage.ask("POST", path, stage.staff()) for path in paths * 5))
    assert {status for status, _ in answers} == {200}
    await stage.home.settled()
    _, me = await member.get("/members/me")
    assert not disordered(stage, "RewardFulfilled", me["member"])
    assert len([one for one in stage.home.log["RewardFulfilled"] if one.key == me["member"].encode()]) == 3
