"""After an outage, in which nobody could write, all whose clock ran have as much time more (MAIL-8)."""

from datetime import datetime, timedelta

import pytest
from chassis_testing.harness import until

from .conftest import Relay
from .people import Conversation
from .test_policies import call

TERMS = {"contact": 0, "statement": 72, "appeal": 120, "answer": 24, "weekends_count": True}


async def test_MAIL_8_an_outage_costs_nobody_a_deadline(relay: Relay, talk: Conversation):
    await call(relay, talk, "PUT", "/claim-terms", "sales", TERMS)
    await talk.ask()
    (desk,) = await relay.house.sql(
        "select local_part from aliases where conversation_id = $1 and side = 'buyer' and desk", talk.id
    )
    to = f"{desk['local_part']}@mail.shop.example"
    await talk.send(talk.message(talk.buyer, to, "nicht erhalten"), talk.buyer, to)

    async def due() -> datetime:
        return (await relay.house.sql("select due_at from claims where conversation_id = $1", talk.id))[0]["due_at"]

    async def waiting() -> datetime:
        return (await relay.house.sql("select due_at from questions where conversation_id = $1", other.id))[0]["due_at"]

    other = await relay.converse()
    await other.ask()
    before, asked = await due(), await waiting()
    assert before - relay.house.clock.now() == pytest.approx(timedelta(hours=72), abs=timedelta(minutes=1))
    await relay.house.sql("update lives set seen_at = clock_timestamp() - interval '2 hours' returning 1")

    async def gained() -> timedelta | None:
        return await due() - before or None

    gain = await until(gained, what="more time")
    assert gain == pytest.approx(timedelta(hours=2), abs=timedelta(minutes=1))
    # who was asked has as much time more to answer
    assert await waiting() - asked == gain
