"""What the consumer does with what it hears."""

from uuid import UUID, uuid4

import pytest
from chassis.testing import Harness
from chassis.testing.harness import until
from contracts.event import Event
from contracts.shared import ErasureConfirmed, MeetingLogged
from contracts.wire import Attributes, encode
from probe import script
from probe.domain import MeetingRefused
from probe.web import meeting
from uuid_utils.compat import uuid7


async def effects(probe: Harness, host: UUID) -> list[UUID]:
    rows = await probe.sql("select meeting from effects where host = $1 order by position", host)
    return [row["meeting"] for row in rows]


async def test_an_event_heard_three_times_takes_effect_once(probe: Harness):
    host, event_id = uuid4(), uuid7()
    event = meeting(uuid4(), host)
    for _ in range(3):
        await probe.say(event, event_id=event_id)
    await probe.settled()
    await probe.say(event, event_id=event_id)
    await probe.settled()
    assert await effects(probe, host) == [event.meeting]
