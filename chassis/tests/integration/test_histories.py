"""Seeded histories: chunks cut anywhere, repeated, from the start again, on two replicas, with failures and crashes.

A failing seed names itself:  HISTORY=<seed> pytest chassis/tests/integration/test_histories.py
"""

import os
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from chassis.consuming.batches import Chunks
from chassis.consuming.inbox import Heard
from chassis.consuming.retry import Drain
from chassis.db import Database
from chassis_testing import Harness
from chassis_testing.harness import Faults
from chassis_testing.stack import Infrastructure
from probe import script
from probe.around import site
from probe.chunk import again, database_of, heard, replica_of
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
    """Ends the world at a point that is drawn."""

    point: str = ""

    def __call__(self, point: str) -> None:
        if point == self.point:
            self.point = ""
            raise Crash


@dataclass(slots=True)
class History:
    """What is on the log in one history, and what is to come of it."""

    seed: int
    draw: random.Random
    log: list[Heard] = field(default_factory=list[Heard])
    expected: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])
    refused: dict[UUID, int] = field(default_factory=dict[UUID, int])
    forged: set[int] = field(default_factory=set[int])

    def tell(self) -> None:
        """Draw hosts, meetings, repetitions, forgeries of an id, failures that pass and failures that do not."""
        draw = self.draw
        hosts = [UUID(int=draw.getrandbits(128), version=4) for _ in range(draw.randint(1, 4))]
        self.expected = {host: [] for host in hosts}
        self.refused = dict.fromkeys(hosts, 0)
        start = self.seed * 100  # no two records have one place in the log
        for offset in range(start, start + draw.randint(3, 24)):
            host = draw.choice(hosts)
            kind = draw.random()
            if kind < 0.2 and self.log:
                self._repeat(draw.choice(self.log), offset)
                continue
            event = meeting(UUID(int=draw.getrandbits(128), version=4), host)
            if kind < 0.27 and self.log:
                taken = draw.choice(self.log)
                assert taken.attributes is not None
                self.log.append(heard(event, offset, event_id=taken.attributes.id))
                self.forged.add(offset)
                self.refused[host] += 1
                continue
            self.log.append(heard(event, offset, event_id=UUID(int=draw.getrandbits(128), version=4)))
            if kind > 0.95:
                script.always[event.meeting] = MeetingRefused("never")
                self.refused[host] += 1
            else:
                if kind > 0.8:
                    script.planned[event.meeting] = [RuntimeError("for now")] * draw.randint(1, 4)
                self.expected[host].append(event.meeting)

    def _repeat(self, one: Heard, offset: int) -> None:
        """The same event once more, further on in the log; each forgery is refused for itself."""
        assert one.event is not None
        assert one.attributes is not None
        self.log.append(heard(one.event, offset, event_id=one.attributes.id))
        if one.record.offset in self.forged:
            self.forged.add(offset)
            self.refused[UUID(one.event.record_key)] += 1


async def lived(history: History, home: Harness, replicas: list[tuple[Chunks, Crashing]], drain: Drain) -> None:
    """Hear the log in chunks cut anywhere; after a crash or a rebalance from an earlier place again."""
    draw, position, end = history.draw, 0, len(history.log)
    while position < end:
        chunk = [again(one) for one in history.log[position : position + draw.randint(1, 9)]]
        chunks, crashing = draw.choice(replicas)
        crashing.point = draw.choice(POINTS) if draw.random() < 0.15 else ""
        try:
            await chunks.handle(chunk)
        except Crash:
            continue
        finally:
            crashing.point = ""
        position += len(chunk)
        if draw.random() < 0.15:
            position = draw.choice([0, draw.randint(0, position)])
        if draw.random() < 0.2:
            await drain_later(home, drain)
    for _ in range(200):
        await drain_later(home, drain)
        async with drain.database.begin() as tx:
            if not await tx.value("select count(*) from chassis.parked where state = 'waiting'"):
                return
    raise AssertionError(f"seed {history.seed}: events still wait")


async def drain_later(home: Harness, drain: Drain) -> None:
    """Let what is parked fall due, and try it."""
    home.shift_clock(600)
    drain.database.clock.fresh()  # it looks at its shift now and then only
    await drain.turn()


@dataclass(slots=True)
class Stage:
    home: Harness
    replicas: list[tuple[Chunks, Crashing]]
    drain: Drain


@pytest.fixture(scope="module")
async def stage(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    async with site(infrastructure, tmp_path_factory.mktemp("site"), only_own_topics=True) as home:
        database: Database = database_of(home)
        await database.open()
        crashing = [Crashing(), Crashing()]
        replicas = [(replica_of(database, fault), fault) for fault in crashing]
        yield Stage(home, replicas, Drain(database, replicas[0][0]))
        for chunks, _ in replicas:
            await chunks.close()
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
async def test_F_E11_F_E14_F_E16_F_E26_F_E28_a_history_told_in_any_pieces_ends_as_the_straight_one(
    stage: Stage, seeds: range
):
    told = [History(seed, random.Random(seed)) for seed in seeds]
    for history in told:
        history.tell()
        await lived(history, stage.home, stage.replicas, stage.drain)
    effects, dead = await stage.home.sql(EFFECTS), await stage.home.sql(DEAD)
    for history in told:
        for host, meetings in history.expected.items():
            assert [row["meeting"] for row in effects if row["host"] == host] == meetings, f"seed {history.seed}"
            refused = [row["reason"] for row in dead if row["key"] == str(host).encode()]
            assert len(refused) == history.refused[host], f"seed {history.seed}"
    await stage.home.sql("delete from effects")
    await stage.home.sql("delete from chassis.parked")
