"""Failures of the whole service: nothing is parked, clients get 503, and all goes on afterwards."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
from chassis.config.brokers import Brokers
from chassis.config.clock import Clock
from chassis.db import Database, DatabaseBusy
from chassis.db import database as database_module
from chassis.db.connections import DatabaseGone
from chassis.db.failure import SERVICE_WIDE, FailureClass, classify
from chassis.publishing.producer import Producer
from chassis.publishing.relay import Relay
from chassis.service.running import Running
from chassis_testing import Harness
from chassis_testing.harness import Faults, until
from chassis_testing.stack import Infrastructure
from probe import script
from probe.around import answers, replica, site
from probe.seen import effects
from probe.sending import some
from probe.wire import Wire, wire_to_postgres


@dataclass(slots=True)
class Cut:
    """A probe whose wire to the database can be cut."""

    home: Harness
    wire: Wire
    house: Running
    url: str
    faults: Faults


@pytest.fixture(scope="module")
async def cut(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Cut]:
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(site(infrastructure, tmp_path_factory.mktemp("site")))
        wire, through = wire_to_postgres(home.database_url)
        await wire.listen()
        faults = Faults()
        house, url = await stack.enter_async_context(replica(home, faults, database_url=through()))
        yield Cut(home, wire, house, url, faults)
        wire.hang_up()


async def nothing_parked(home: Harness) -> bool:
    return not await home.sql("select 1 from chassis.parked")


async def test_a_missing_table_parks_nothing_and_all_is_in_order_when_it_is_back(cut: Cut):
    host = uuid4()
    events = some(host, 5)
    await cut.home.sql("alter table effects rename to mislaid")
    await cut.home.publish(*events)
    before = cut.faults.passed.count("consumer:received")

    async def tried() -> bool:
        return cut.faults.passed.count("consumer:received") > before + 2

    await until(tried, what="some tries")
    assert await nothing_parked(cut.home)
    await cut.home.sql("alter table mislaid rename to effects")
    await cut.home.settled()
    assert await effects(cut.home, host) == [event.meeting for event in events]
    assert await nothing_parked(cut.home)


async def test_F_E33_F_A10_a_database_that_is_gone_means_503_and_waiting_events(cut: Cut):
    host = uuid4()
    events = some(host, 5)
    cut.wire.hang_up()
    await cut.home.publish(*events)
    headers = cut.home.bearer(cut.home.accounts.token("x", "customer"))
    began = time.monotonic()
    async with cut.home.http.get(f"{cut.url}/notes", headers=headers) as answer:
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) >= 1
    assert time.monotonic() - began < 5
    await until(
        lambda: answers(cut.house, "/readyz", 503, "the database does not answer"), what="readiness to name why"
    )
    assert await answers(cut.house, "/livez", 200), "a restart would not bring the database back"
    await cut.wire.listen()
    await until(lambda: answers(cut.house, "/readyz", 200), what="readiness")
    await cut.home.settled()
    assert await effects(cut.home, host) == [event.meeting for event in events]
    assert await nothing_parked(cut.home)
    async with cut.home.http.get(f"{cut.url}/notes", headers=headers) as answer:
        assert answer.status == 200


async def test_however_many_ask_whether_it_is_ready_they_take_one_connection(cut: Cut):
    count = "select count(*) from pg_stat_activity where application_name = 'probe' and datname = current_database()"
    ((before,),) = await cut.home.sql(count)
    cut.wire.delay = 0.05
    assert all(await asyncio.gather(*(answers(cut.house, "/readyz", 200) for _ in range(30))))
    cut.wire.delay = 0
    ((after,),) = await cut.home.sql(count)
    assert after <= before + 3  # the sweeps may take one meanwhile; 30 would take all that the pool has


async def test_F_E33_killed_connections_are_made_anew_in_the_middle_of_work(cut: Cut):
    host = uuid4()
    kill = """
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where application_name = 'probe'
          and datname = current_database()
    """  # other tests' probes are other databases'
    for event in (events := some(host, 5)):
        await cut.home.sql(kill)
        await cut.home.publish(event)
    await cut.home.settled()
    assert await effects(cut.home, host) == [event.meeting for event in events]
    assert await nothing_parked(cut.home)


async def test_a_database_that_stops_answering_is_hung_up_on(cut: Cut, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database_module, "ROLLBACK_SECONDS", 0.2)
    wire, through = wire_to_postgres(cut.home.database_url)
    await wire.listen()
    database = Database(through(), "probe", Clock(), connections=2, answer_seconds=0.3)
    await database.open()
    began = time.monotonic()

    async def ask() -> None:
        async with database.begin() as tx:
            await tx.value("select 1")
            wire.stall()
            await tx.value("select 2")

    with pytest.raises(SERVICE_WIDE):
        await asyncio.wait_for(ask(), 5)
    assert time.monotonic() - began < 4
    wire.go_on()
    async with database.begin() as tx:
        assert await tx.value("select 3") == 3
    await database.close()
    wire.hang_up()


async def test_F_A10_a_missing_connection_is_refused_quickly(cut: Cut):
    database = Database(cut.home.database_url, "probe", Clock(), connections=1)
    await database.open()
    async with database.begin():
        with pytest.raises(DatabaseBusy):
            async with database.begin():
                pass
    async with database.begin() as tx:
        assert await tx.value("select 1") == 1
    await database.close()


async def test_a_connection_lost_in_a_transaction_is_told_from_a_mistaken_call(cut: Cut):
    database = Database(cut.home.database_url, "probe", Clock())
    await database.open()

    async def mistake() -> None:
        async with database.begin() as tx:
            await tx.value("select $1::int", 1, 2)

    async def lost_there() -> None:
        async with database.begin() as tx:
            await tx.value("select pg_terminate_backend(pg_backend_pid())")

    async def lost_here() -> None:
        async with database.begin() as tx:
            tx.connection.terminate()
            await tx.value("select 1")

    with pytest.raises(asyncpg.InterfaceError) as mistaken:
        await mistake()
    assert classify(mistaken.value) is FailureClass.TRANSIENT
    with pytest.raises(DatabaseGone):
        await lost_there()
    with pytest.raises(DatabaseGone):
        await lost_here()
    await database.close()


async def test_one_slow_statement_is_a_failure_of_that_event_alone(cut: Cut):
    database = Database(cut.home.database_url, "probe", Clock())
    await database.open()

    async def dawdle() -> None:
        async with database.begin() as tx:
            await tx.execute("set local statement_timeout = 20")
            await tx.value("select pg_sleep(1)")

    with pytest.raises(asyncpg.QueryCanceledError) as cancelled:
        await dawdle()
    assert classify(cancelled.value) is FailureClass.TRANSIENT
    await database.close()


@pytest.fixture
async def stumbling() -> AsyncGenerator[Database]:
    """Give a database that accepts every connection and closes it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"N")  # no TLS
        await reader.read(1000)
        writer.write(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")  # signed in, ready, and closed
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgresql://somebody@127.0.0.1:{port}/somewhere", "probe", Clock())
    await database.open()
    async with server:
        yield database
    await database.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # asyncpg's half-made connections
async def test_F_E33_a_connection_that_is_cut_while_it_is_made_is_a_database_that_is_busy(stumbling: Database):
    with pytest.raises(DatabaseBusy):
        await stumbling.connect()
    with pytest.raises(DatabaseBusy):
        async with stumbling.begin():
            pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_F_E20_a_connection_that_is_cut_while_it_is_made_ends_no_part_of_the_backbone(stumbling: Database):
    relay, stopping = Relay(stumbling, Producer(Brokers(["127.0.0.1:1"]), "probe")), asyncio.Event()
    parts = [asyncio.create_task(part(stopping)) for part in (relay.notify, relay.measure)]
    for _ in range(3):
        relay.wake()
        await asyncio.sleep(0.2)
    assert not any(part.done() for part in parts)
    stopping.set()
    await asyncio.gather(*parts)


async def missing(cut: Cut) -> list[str]:
    """Return the parts of the backbone that do not live."""
    async with cut.home.http.get(f"{cut.house.admin_url}/livez") as answer:
        return (await answer.json())["missing"]


async def test_F_E20_an_outbox_that_is_locked_for_long_ends_no_part_of_the_backbone(cut: Cut):
    other = await asyncpg.connect(cut.home.database_url)
    async with other.transaction():
        await other.execute("lock table chassis.outbox in access exclusive mode")
        await asyncio.sleep(6.5)  # a statement gives up waiting for a lock after five
    await other.close()
    assert await missing(cut) == []
    await until(lambda: answers(cut.house, "/readyz", 200), what="readiness")


@pytest.mark.parametrize("point", ["relay:read", "retry:taken", "sweep:look around:done"])
async def test_F_E20_what_a_part_of_the_backbone_awaits_may_be_cancelled(cut: Cut, point: str):
    def cancel_once() -> None:
        del cut.faults.planned[point]
        raise asyncio.CancelledError

    event = some(host := uuid4(), 1)[0]
    script.planned[event.meeting] = [RuntimeError("for now")]
    before = cut.faults.passed.count(point)
    cut.faults.planned[point] = cancel_once
    await cut.home.publish(event)

    async def goes_on() -> bool:
        return cut.faults.passed.count(point) > before + 1

    await until(goes_on, what="the part to pass there once more")
    await until(lambda: effects(cut.home, host), what="the effect")
    await cut.home.settled()
    assert await missing(cut) == []
