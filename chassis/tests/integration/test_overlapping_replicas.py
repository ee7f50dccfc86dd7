"""During a rebalance two replicas may have the same events in hand: each takes effect once, each key in order."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from chassis.config.clock import Clock
from chassis.consuming.inbox import admit
from chassis.consuming.parking import park
from chassis.consuming.retry import ParkedRetry
from chassis.db import Database, Tx
from chassis_testing import Harness
from chassis_testing.stack import Infrastructure
from probe import script
from probe.around import site
from probe.batch import again, database_of, later, message, replica_of, somebody_waits
from probe.domain import MeetingRefused
from probe.seen import dead, effects, key, waiting
from probe.sending import some


@pytest.fixture(scope="module")
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


async def test_F_E18_what_one_replica_has_handled_another_that_failed_on_it_does_not_park(home: Harness):
    host = uuid4()
    event = message(some(host, 1)[0], 1)
    old, new = replica_of(database_of(home)), replica_of(database_of(home))
    others: list[asyncio.Task[None]] = []

    async def fail_while_the_other_waits(_: Tx | None) -> None:
        others.append(asyncio.create_task(new.handle([again(event)])))
        await somebody_waits(home)
        raise RuntimeError("only here")

    script.planned[some(host, 1)[0].meeting] = [fail_while_the_other_waits]
    await old.handle([event])
    await asyncio.gather(*others)
    # whoever gets the id when the first has undone its work accounts for it, and nobody else does
    done = await effects(home, host)
    assert done == [some(host, 1)[0].meeting] or not done
    assert await waiting(home, host, 1 - len(done))
    await old.close()
    await new.close()


async def test_F_E18_what_one_replica_parks_another_does_not_overtake(home: Harness):
    host = uuid4()
    first, second, third = (message(event, offset) for offset, event in enumerate(some(host, 3)))
    old, new = database_of(home), replica_of(database_of(home))
    connection = await old.connect()
    async with old.transaction(connection) as tx:
        await admit(connection, [first], tx.now)
        await park(tx, first, "RuntimeError", attempts=1)
        overtaking = asyncio.create_task(new.handle([again(first), second, third]))
        await somebody_waits(home)
    await overtaking
    assert await effects(home, host) == []
    assert await waiting(home, host, 3)
    database = database_of(home)
    await database.open()
    retry = ParkedRetry(database, new)
    await later(home)
    while await retry.turn():
        await later(home)
    await database.close()
    assert await effects(home, host) == [event.meeting for event in some(host, 3)]
    await connection.close()
    await new.close()


class Hesitant(Database):
    """A database whose replica comes late to the transaction in which it gives the message up."""

    asked = 0

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Tx]:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaits first
        type(self).asked += 1
        if self.asked == 2:
            other = Database(self.dsn, "probe", self.clock)
            await other.open()
            await ParkedRetry(other, replica_of(other)).turn()
            await other.close()
        async with super().begin() as tx:
            yield tx


async def test_F_E14_an_event_that_two_replicas_give_up_is_dead_once(home: Harness):
    host = uuid4()
    event = some(host, 1)[0]
    script.always[event.meeting] = RuntimeError("for now")
    handler = replica_of(database_of(home))
    await handler.handle([message(event, 7)])
    assert await waiting(home, host, 1)
    script.always[event.meeting] = MeetingRefused("for good")
    await later(home)
    hesitant = Hesitant(home.database_url, "probe", Clock(home.clock_file))
    await hesitant.open()
    await ParkedRetry(hesitant, handler).turn()
    await hesitant.close()
    assert await dead(home, host) == ["MeetingRefused: for good"]
    copies = await home.sql("select 1 from chassis.outbox where raw_key = $1", key(host))
    assert len(copies) == 1
    await handler.close()


async def test_F_E18_a_parked_event_is_tried_by_one_replica_at_a_time(home: Harness):
    host = uuid4()
    event = some(host, 1)[0]
    database = database_of(home)
    await database.open()
    handler = replica_of(database)
    script.planned[event.meeting] = [RuntimeError("for now")]
    await handler.handle([message(event, 8)])
    await later(home)

    async def let_the_other_try(_: Tx | None) -> None:
        # it passes over what is being tried; if it did not, it would wait for our end
        assert await asyncio.wait_for(ParkedRetry(database, handler).turn(), 4) == 0

    script.planned[event.meeting] = [let_the_other_try]
    assert await ParkedRetry(database, handler).turn() == 1
    assert await effects(home, host) == [event.meeting]
    await handler.close()
    await database.close()


async def test_F_E20_a_long_retry_beats_at_every_event_and_ends_with_the_service(home: Harness):
    database = database_of(home)
    await database.open()
    handler = replica_of(database)
    events = [event for _ in range(6) for event in some(uuid4(), 1)]
    for number, event in enumerate(events):
        script.planned[event.meeting] = [RuntimeError("for now")]
        await handler.handle([message(event, 20 + number)])
    await later(home)
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        if len(beats) == 3:
            handler.stopping.set()

    assert await ParkedRetry(database, handler, beat).turn() == 0
    assert len(await home.sql("select 1 from chassis.parked where state = 'waiting'")) == 3
    handler.stopping.clear()
    assert await ParkedRetry(database, handler).turn() == 3
    await handler.close()
    await database.close()
