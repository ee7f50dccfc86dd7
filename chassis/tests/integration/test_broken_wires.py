"""Kafka or the database gone under load, cut in the middle of a frame, answers lost: all recovers by itself."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from probe.around import answers, site
from probe.invariants import at_rest, whole
from probe.load import load
from probe.process import Plan, Victim, start
from probe.wire import Wire, wire_to, wire_to_postgres

LONG = pytest.param(60.0, marks=[pytest.mark.torture, pytest.mark.timeout(300)])
NOTES = "select owner, count(*) from notes where owner = any($1::text[]) group by owner"


@dataclass(slots=True)
class Hung:
    """A probe that reaches Kafka and its database through wires only."""

    home: Harness
    victim: Victim
    kafka: Wire
    database: Wire

    async def stays_alive(self, seconds: float) -> None:
        """Check liveness again and again: a restart would bring nothing back."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            async with self.home.http.get(f"{self.victim.admin_url}/livez") as answer:
                assert answer.status == 200, await answer.text()
            await asyncio.sleep(0.2)

    async def gauge(self, name: str) -> float:
        """Return a gauge that the probe shows."""
        async with self.home.http.get(f"{self.victim.admin_url}/metrics") as answer:
            return float(re.findall(rf"^{name} (\S+)$", await answer.text(), re.MULTILINE)[0])

    async def recovers(self) -> None:
        await until(lambda: answers(self.victim, "/readyz", 200), timeout=30, what="readiness")


@pytest.fixture(scope="module")
async def wired(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Hung]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as home:
        kafka = wire_to(infrastructure.kafka)
        database, through = wire_to_postgres(home.database_url)
        await kafka.listen()
        await database.listen()
        plan = Plan(detour=kafka.port)
        victim = start(home, plan, database_url=through(), session_seconds=6.0)
        try:
            await victim.serving()
            found = Hung(home, victim, kafka, database)
            await found.recovers()
            yield found
        finally:
            victim.process.kill()
            kafka.hang_up()
            database.hang_up()


@pytest.fixture
async def hung(wired: Hung) -> AsyncGenerator[Hung]:
    """Give the probe while all is well, and check that it recovers by itself afterwards."""
    yield wired
    for wire in (wired.kafka, wired.database):
        wire.hang_up()
        wire.left = None
        await wire.listen()
    await wired.recovers()
    assert wired.victim.process.exitcode is None, "it was never restarted"


@pytest.mark.parametrize("seconds", [6.0, LONG])
async def test_F_E08_while_kafka_is_gone_clients_are_served_and_all_is_published_in_order_afterwards(
    hung: Hung, seconds: float
):
    hung.home.shift_clock(600)  # ages are measured by the clock by which the rows were written
    async with load(hung.home, hung.victim.url) as crowd:
        await asyncio.sleep(0.5)
        hung.kafka.hang_up()
        before = len(crowd.statuses)
        await hung.stays_alive(seconds)
        assert set(crowd.statuses[before:]) == {201}
        assert len(crowd.statuses) > before + seconds
        assert await hung.gauge("kontor_outbox_rows") > 0
        assert await hung.gauge("kontor_outbox_age_seconds") > seconds / 3
        assert await hung.gauge("kontor_consumer_lag_seconds") > 0, "nobody knows what Kafka holds meanwhile"
        await hung.kafka.listen()
    await at_rest(hung.home, crowd.written, 60)
    await whole(hung.home, crowd.written)

    async def shows_rest() -> bool:
        return not any(
            [
                await hung.gauge(f"kontor_{name}")
                for name in ("outbox_rows", "outbox_age_seconds", "consumer_lag_seconds")
            ]
        )

    await until(shows_rest, what="the gauges to show that nothing waits")


@pytest.mark.parametrize("seconds", [4.0, LONG])
async def test_F_E33_while_the_database_is_gone_clients_get_503_and_lose_nothing(hung: Hung, seconds: float):
    async with load(hung.home, hung.victim.url) as crowd:
        await asyncio.sleep(0.5)
        hung.database.hang_up()
        await hung.stays_alive(seconds)
        assert 503 in crowd.statuses
        await hung.database.listen()
    assert set(crowd.statuses) <= {201, 503, 409}
    await at_rest(hung.home, crowd.written, 60)
    await whole(hung.home, crowd.written)
    notes = await hung.home.sql("select id from notes")
    assert {row["id"] for row in notes} >= {note for notes in crowd.written.values() for note in notes}


@pytest.mark.parametrize("times", [8, pytest.param(200, marks=[pytest.mark.torture, pytest.mark.timeout(600)])])
async def test_F_E08_F_E33_connections_cut_in_the_middle_of_a_frame_lose_and_repeat_nothing(hung: Hung, times: int):
    async with load(hung.home, hung.victim.url) as crowd:
        for number in range(times):
            wire = hung.kafka if number % 2 else hung.database
            wire.left = 50 + 37 * number
            await asyncio.sleep(0.3)
        hung.kafka.left = hung.database.left = None
    await at_rest(hung.home, crowd.written, 60)
    await whole(hung.home, crowd.written)


async def test_F_E09_acknowledgements_that_are_lost_repeat_a_record_under_its_id_and_its_effect_once(hung: Hung):
    async with load(hung.home, hung.victim.url) as crowd:
        await asyncio.sleep(0.3)
        for _ in range(3):
            hung.kafka.lose_answers()
            await asyncio.sleep(0.7)
            hung.kafka.cut()
            hung.kafka.go_on()
            await asyncio.sleep(0.7)
    await at_rest(hung.home, crowd.written, 60)
    await whole(hung.home, crowd.written)


async def test_F_E33_commits_whose_answer_is_lost_take_effect_once(hung: Hung):
    async with load(hung.home, hung.victim.url) as crowd:
        await asyncio.sleep(0.3)
        for _ in range(3):
            hung.database.lose_answers()
            await asyncio.sleep(0.3)
            hung.database.cut()
            hung.database.go_on()
            await asyncio.sleep(0.7)
    await at_rest(hung.home, crowd.written, 60)
    await whole(hung.home, crowd.written)
    mine = await hung.home.sql(
        "select owner, count(*) from notes where owner = any($1::text[]) group by owner",
        [str(h) for h in crowd.written],
    )
    assert {row["owner"]: row["count"] for row in mine} == {str(h): len(n) for h, n in crowd.written.items()}
