"""A holder of the lease that stands still for longer than its lease has been succeeded when it goes on."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from chassis.config.brokers import Brokers
from chassis.publishing.producer import Producer
from chassis.publishing.relay import Relay
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from contracts.shared import MeetingLogged
from contracts.wire import Attributes
from probe.around import records_of, site
from probe.batch import database_of
from probe.invariants import at_rest, firsts, whole
from probe.process import Plan, start
from probe.sending import at_work, some

LEASE_SECONDS = 1.5
LEASE = "select token, holder from chassis.lease where until > clock_timestamp()"


@pytest.fixture
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


@pytest.mark.parametrize("point", ["relay:read", "relay:submitted", "relay:acknowledged"])
async def test_F_E07_a_holder_stopped_for_longer_than_its_lease_deletes_and_overtakes_nothing(
    home: Harness, point: str
):
    hosts = [uuid4() for _ in range(3)]
    events = [event for numbered in zip(*(some(host, 30) for host in hosts), strict=True) for event in numbered]
    database = database_of(home)
    await database.open()

    async def publish(batch: list[MeetingLogged]) -> None:
        async with database.begin() as tx:
            tx.publish(*batch)

    await publish(events[:30])
    plan = Plan(point, end=signal.SIGSTOP, lease_seconds=LEASE_SECONDS)
    victim = start(home, plan, session_seconds=6.0)
    try:

        async def stopped() -> bool:
            return bool(await home.sql("select 1 from chassis.lease where token > 0")) and stands_still(
                victim.process.pid
            )

        await until(stopped, timeout=30, what="the holder to stand still")
        await publish(events[30:60])
        next_one = Relay(database, Producer(Brokers([home.infrastructure.kafka]), "probe", home.prefix))
        async with at_work(next_one):

            async def sent() -> bool:
                return not await home.sql("select 1 from chassis.outbox")

            await until(sent, timeout=20, what="the next holder to send")
            victim.signal(signal.SIGCONT)
            await publish(events[60:])
            await asyncio.sleep(0.5)
        assert (await home.sql("select token from chassis.lease"))[0]["token"] >= 2
        expected = {host: [event.meeting for event in some(host, 30)] for host in hosts}
        await at_rest(home, expected)
        await whole(home, expected)
    finally:
        victim.process.kill()
        await database.close()
    records = await records_of(home.infrastructure.kafka, f"{home.prefix}MeetingLogged")
    for host in hosts:
        mine = [record for record in firsts(records) if record.key == str(host).encode()]
        assert [MeetingLogged.model_validate_json(record.value).meeting for record in mine] == expected[host]
    assert len({Attributes.parse(record.headers).id for record in records}) == len(events)


async def test_F_E07_a_killed_holder_is_followed_before_its_lease_ends(home: Harness):
    host = uuid4()
    events = some(host, 20)
    database = database_of(home)
    await database.open()
    victim = start(home, Plan("relay:acknowledged", end=signal.SIGSTOP, lease_seconds=3600), session_seconds=6.0)
    try:
        async with database.begin() as tx:
            tx.publish(*events)

        async def stopped() -> bool:
            return stands_still(victim.process.pid)

        await until(stopped, timeout=30, what="the holder to stand still")
        async with at_work(Relay(database, Producer(Brokers([home.infrastructure.kafka]), "probe", home.prefix))):
            await asyncio.sleep(2.5)
            assert await home.sql("select 1 from chassis.outbox"), "a holder that lives keeps its lease"
            victim.process.kill()

            async def sent() -> bool:
                return not await home.sql("select 1 from chassis.outbox")

            await until(sent, timeout=10, what="the next holder to send")
    finally:
        victim.process.kill()
        await database.close()


def stands_still(pid: int) -> bool:
    """Return whether a process has been stopped."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"
