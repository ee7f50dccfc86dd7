"""A machine whose clock is wrong: the service goes by its database's, and says so."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aiohttp
import pytest
from chassis.config import clock as clock_module
from chassis.db import skew as skew_module
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from probe import script
from probe.around import answers, replica, site
from probe.seen import effects
from probe.sending import some
from probe.web import meeting

DUE = "select 1 from chassis.parked where next_attempt < clock_timestamp() + interval '10 seconds'"
LATE = "select 1 from chassis.outbox where occurred_at > clock_timestamp() + interval '10 seconds'"


@pytest.fixture
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


async def tells(url: str, seconds: int, clock: str = "database") -> bool:
    """Return whether the metric shows so many seconds, give or take one."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        shown = re.search(rf'^kontor_clock_skew_seconds{{source="{clock}"}} (\S+)$', await answer.text(), re.MULTILINE)
        return shown is not None and abs(float(shown[1]) - seconds) < 1


@pytest.mark.parametrize("seconds", [3600, pytest.param(-3600, marks=pytest.mark.torture)], ids=["ahead", "behind"])
async def test_F_E38_a_machine_whose_clock_is_off_puts_nothing_off(
    home: Harness, monkeypatch: pytest.MonkeyPatch, seconds: int
):
    monkeypatch.setattr(skew_module, "EVERY_SECONDS", 0.2)
    monkeypatch.setattr(clock_module, "machine_time", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    (event,) = some(host := uuid4(), 1)
    script.planned[event.meeting] = [RuntimeError("for now")]
    async with replica(home, ready=False) as (house, _):
        said = f"the clock of this machine is {seconds} s ahead of the database's"
        await until(lambda: answers(house, "/readyz", 503, said), what="readiness to tell")
        await until(lambda: tells(house.admin_url, seconds), what="the metric")
        await home.publish(event)
        await until(lambda: home.sql(DUE), what="a try that is due in a moment")
        await until(lambda: effects(home, host), what="the second try")
        assert not await home.sql(LATE)
        async with house.database.begin() as tx:
            assert abs(tx.now - await tx.value("select clock_timestamp()")) < timedelta(seconds=2)
        monkeypatch.undo()
        await until(lambda: answers(house, "/readyz", 200), what="readiness")


@pytest.mark.parametrize("seconds", [90, pytest.param(-90, marks=pytest.mark.torture)], ids=["ahead", "behind"])
async def test_F_E38_a_broker_whose_clock_is_off_is_told(home: Harness, monkeypatch: pytest.MonkeyPatch, seconds: int):
    monkeypatch.setattr(skew_module, "EVERY_SECONDS", 0.2)
    async with replica(home) as (house, _):
        # the database's clock is off as the machine's is, so that only the broker's differs
        monkeypatch.setattr(clock_module, "machine_time", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
        monkeypatch.setattr(skew_module, "TIME", f"select clock_timestamp() + interval '{seconds} seconds'")
        await until(lambda: tells(house.admin_url, 0), what="the database to agree")
        async with house.database.begin() as tx:
            tx.publish(meeting(uuid4(), uuid4()))
        await until(lambda: tells(house.admin_url, seconds, "broker"), what="the metric")
        said = f"the clock of this machine is {seconds} s ahead of the broker's"
        await until(lambda: answers(house, "/readyz", 503, said), what="readiness to tell")
