"""Seeded histories: batches cut anywhere, repeated, from the start again, on two replicas, with failures and crashes.

A failing seed names itself:  HISTORY=<seed> pytest chassis/tests/integration/test_histories.py
"""

import os
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from chassis.consuming import Message
from chassis.consuming.batches import BatchHandler
from chassis.consuming.retry import ParkedRetry
from chassis.db import Database
from chassis_testing import Harness
from chassis_testing.harness import Faults
from chassis_testing.stack import Infrastructure
from contracts.event import Event
from probe import script
from probe.around import site
from probe.batch import again, database_of, message, replica_of
from probe.domain import MeetingRefused
from probe.web import meeting

BLOCK = 50
QUICK = 100
LONG = 2_000
EFFECTS = "select host, meeting from effects order by position"
DEAD = "select key, reason from chassis.parked where state = 'dead'"
POINTS = ("consumer:received", "consumer:admitted", "consumer:handled", "consumer:committed", "consumer:parking")


class Crash(BaseException):
    """The process ends here."""


@dataclass(slots=True)
class Crashing(Faults):
    """Raises Crash at a point that is drawn."""

    point: str = ""

    def __call__(self, point: str) -> None:
        if point == self.point:
            self.point = ""
            raise Crash


@dataclass(slots=True)
class History:
    """The messages of one history, and what is expected of them."""

    seed: int
    draw: random.Random
    messages: list[Message[Event]] = field(default_factory=list[Message[Event]])
    expected: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])
    refused: dict[UUID, int] = field(default_factory=dict[UUID, int])
    forged: set[int] = field(default_factory=set[int])

    def draw_messages(self) -> None:
        """Draw hosts, meetings, repetitions, forgeries of an id, failures that pass and failures that do not."""
        draw = self.draw
        hosts = [UUID(int=draw.getrandbits(128), version=4) for _ in range(draw.randint(1, 4))]
        self.expected = {host: [] for host in hosts}
        self.refused = dict.fromkeys(hosts, 0)
        start = self.seed * 100  # no two records have the same offset
        for offset in range(start, start + draw.randint(3, 24)):
            host = draw.choice(hosts)
            kind = draw.random()
            if kind < 0.2 and self.messages:
                self._repeat(draw.choice(self.messages), offset)
                continue
            event = meeting(UUID(int=draw.getrandbits(128), version=4), host)
            if kind < 0.27 and self.messages:
                taken = draw.choice(self.messages)
                self.messages.append(message(event, offset, event_id=taken.attributes.id))
                self.forged.add(offset)
                self.refused[host] += 1
                continue
            self.messages.append(message(event, offset, event_id=UUID(int=draw.getrandbits(128), version=4)))
            if kind > 0.95:
                script.always[event.meeting] = MeetingRefused("never")
                self.refused[host] += 1
            else:
                if kind > 0.8:
                    script.planned[event.meeting] = [RuntimeError("for now")] * draw.randint(1, 4)
                self.expected[host].append(event.meeting)

    def _repeat(self, one: Message[Event], offset: int) -> None:
        """Repeat an event at a later offset; each forgery is refused for itself."""
        self.messages.append(message(one.event, offset, event_id=one.attributes.id))
        if one.record.offset in self.forged:
            self.forged.add(offset)
            self.refused[UUID(one.event.record_key)] += 1


async def play(
    history: History, home: Harness, replicas: list[tuple[BatchHandler, Crashing]], retry: ParkedRetry
) -> None:
    """Consume the messages in batches cut anywhere; after a crash or a rebalance again from an earlier offset."""
    draw, position, end = history.draw, 0, len(history.messages)
    while position < end:
        batch = [again(one) for one in history.messages[position : position + draw.randint(1, 9)]]
        handler, crashing = draw.choice(replicas)
        crashing.point = draw.choice(POINTS) if draw.random() < 0.15 else ""
        try:
            await handler.handle(batch)
        except Crash:
            continue
        finally:
            crashing.point = ""
        position += len(batch)
        if draw.random() < 0.15:
            position = draw.choice([0, draw.randint(0, position)])
        if draw.random() < 0.2:
            await retry_later(home, retry)
    for _ in range(200):
        await retry_later(home, retry)
        async with retry.database.begin() as tx:
            if not await tx.value("select count(*) from chassis.parked where state = 'waiting'"):
                return
    raise AssertionError(f"seed {history.seed}: events still wait")


async def retry_later(home: Harness, retry: ParkedRetry) -> None:
    """Let what is parked fall due, and try it."""
    home.shift_clock(600)
    retry.database.clock.fresh()  # it looks at its shift now and then only
    await retry.turn()


@dataclass(slots=True)
class Stage:
    """Two replicas that a history is played on."""

    home: Harness
    replicas: list[tuple[BatchHandler, Crashing]]
    retry: ParkedRetry


@pytest.fixture(scope="module")
async def stage(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as home:
        database: Database = database_of(home)
        await database.open()
        crashing = [Crashing(), Crashing()]
        replicas = [(replica_of(database, fault), fault) for fault in crashing]
        yield Stage(home, replicas, ParkedRetry(database, replicas[0][0]))
        for handler, _ in replicas:
            await handler.close()
        await database.close()


def blocks(first: int, last: int) -> list[range]:
    if one := os.environ.get("HISTORY"):
        return [range(int(one), int(one) + 1)]
    return [range(start, start + BLOCK) for start in range(first, last, BLOCK)]


@pytest.mark.parametrize(
    "seeds",
    [*blocks(0, QUICK), *(pytest.param(block, marks=pytest.mark.torture) for block in blocks(QUICK, LONG))],
    ids=lambda seeds: f"from {seeds.start}",
)
async def test_F_E11_F_E14_F_E16_F_E26_F_E28_a_history_in_any_pieces_ends_as_the_straight_one(
    stage: Stage, seeds: range
):
    histories = [History(seed, random.Random(seed)) for seed in seeds]
    for history in histories:
        history.draw_messages()
        await play(history, stage.home, stage.replicas, stage.retry)
    effects, dead = await stage.home.sql(EFFECTS), await stage.home.sql(DEAD)
    for history in histories:
        for host, meetings in history.expected.items():
            assert [row["meeting"] for row in effects if row["host"] == host] == meetings, f"seed {history.seed}"
            refused = [row["reason"] for row in dead if row["key"] == str(host).encode()]
            assert len(refused) == history.refused[host], f"seed {history.seed}"
    await stage.home.sql("delete from effects")
    await stage.home.sql("delete from chassis.parked")
