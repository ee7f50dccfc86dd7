"""The operator's commands about events that wait or are dead."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import orjson
import pytest
from chassis.service import Terminal
from chassis.service.commands import dead as dead_commands
from chassis.service.commands import parked as parked_commands
from chassis_testing import Harness
from chassis_testing.harness import until
from probe import script
from probe.domain import MeetingRefused
from probe.seen import counted, dead, dead_copy, effects, key, settled_by_clock, waiting
from probe.settings import Settings
from probe.web import meeting
from typer.testing import CliRunner, Result

Run = Callable[..., "asyncio.Future[Result]"]


@pytest.fixture
def run(probe: Harness, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    given = probe.settings.model_dump(mode="json", exclude_none=True)
    for name, value in given.items():
        monkeypatch.setenv(name.upper(), str(value))
    terminal = Terminal("probe", Settings)
    apps = {"dead": dead_commands(terminal), "parked": parked_commands(terminal)}

    async def invoke(group: str, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, apps[group], list(words))

    return invoke


async def test_F_E14_a_dead_event_is_shown_replayed_and_its_effect_comes(probe: Harness, run: Run):  # PLT-10
    host = uuid4()
    event = meeting(uuid4(), host)
    script.planned[event.meeting] = [MeetingRefused("not yet"), MeetingRefused("not yet")]
    (event_id,) = await probe.publish(event)
    await until(lambda: dead(probe, host), what="it to be dead")
    shown = await run("dead", "list")
    (row,) = await probe.sql("select partition, record_offset from chassis.parked where key = $1", key(host))
    origin = f"from several  id {event_id}  tenant {event.tenant}  at {row[0]}:{row[1]}"
    assert f"MeetingLogged  {host}  {origin}" in shown.output
    await until(lambda: dead_are_counted(probe), what="the gauge to be measured")
    assert "MeetingRefused: not yet" in shown.output
    script.planned.clear()
    id_ = str((await probe.sql("select id from chassis.parked where key = $1", key(host)))[0]["id"])
    assert "1 to be tried again" in (await run("dead", "replay", id_)).output
    await until(lambda: effects(probe, host), what="the effect")
    assert await effects(probe, host) == [event.meeting]
    assert not await dead(probe, host)
    await probe.publish(event)
    await probe.settled()


async def test_what_cannot_be_replayed_is_dead_again_with_another_copy(probe: Harness, run: Run):
    host = uuid4()
    event = meeting(uuid4(), host)
    script.always[event.meeting] = MeetingRefused()
    await probe.publish(event)
    await until(lambda: dead(probe, host), what="it to be dead")
    await run("dead", "replay", "--all")
    await until(lambda: waiting(probe, host, 0), what="the replay")
    await until(lambda: dead(probe, host), what="it to be dead again")

    async def twice() -> bool:
        return [record.key for record in probe.log.get("dead.probe", [])].count(key(host)) == 2

    await until(twice, what="a second copy")


async def test_a_dead_event_is_discarded_once_and_its_copy_stays(probe: Harness, run: Run):
    host = uuid4()
    event = meeting(uuid4(), host)
    script.always[event.meeting] = MeetingRefused()
    await probe.publish(event)
    await until(lambda: dead(probe, host), what="it to be dead")
    id_ = str((await probe.sql("select id from chassis.parked where key = $1", key(host)))[0]["id"])
    (place,) = await probe.sql("select topic, partition, record_offset from chassis.parked where key = $1", key(host))
    refused = await run("dead", "discard", id_, "999999")
    assert (refused.exit_code, refused.stderr) == (1, "nothing is done, for no dead event has the id 999999\n")
    assert (await run("dead", "replay", "999999")).exit_code == 1
    assert (await run("dead", "discard", "--topic", "OrderPaid")).output == "0 discarded\n"
    assert (await run("dead", "discard", id_)).output == "1 discarded\n"
    assert (await run("dead", "discard", id_)).exit_code == 1
    await dead_copy(probe, host)
    assert not await probe.sql("select 1 from chassis.parked where key = $1", key(host))
    acts = "select operation, kind, before::text from chassis.audit where object_id = $1"
    ((operation, kind, before),) = [tuple(row) for row in await probe.sql(acts, id_)]
    assert (operation, kind) == ("discard", "dead event")
    assert orjson.loads(before) == dict(place)


async def test_what_waits_is_shown_and_cannot_be_discarded(probe: Harness, run: Run):
    host = uuid4()
    event = meeting(uuid4(), host)
    script.planned[event.meeting] = [RuntimeError("x"), RuntimeError("x")]
    await probe.publish(event)
    await until(lambda: waiting(probe, host, 1), what="it to wait")
    shown = await run("parked", "list")
    assert str(host) in shown.output
    id_ = str((await probe.sql("select id from chassis.parked where key = $1", key(host)))[0]["id"])
    assert (await run("dead", "discard", id_)).exit_code == 1
    await settled_by_clock(probe)


async def test_all_dead_events_of_a_topic_are_discarded_together(probe: Harness, run: Run):
    host = uuid4()
    events = [meeting(uuid4(), host) for _ in range(3)]
    script.always.update({event.meeting: MeetingRefused() for event in events})
    await probe.publish(*events)
    await probe.settled()
    assert len(await dead(probe, host)) == 3
    assert (await run("dead", "discard", "--topic", "MeetingLogged")).exit_code == 0
    assert not await dead(probe, host)
    assert "nothing is dead" in (await run("dead", "list")).output


async def dead_are_counted(probe: Harness) -> bool:
    rows = await probe.sql("select 1 from chassis.parked where state = 'dead'")
    return await counted(probe, "kontor_dead_letters") == len(rows) > 0


async def test_a_replay_names_one_event_or_all(run: Run):
    assert (await run("dead", "replay")).exit_code == 2
    assert (await run("dead", "replay", "1", "--all")).exit_code == 2
    assert (await run("dead", "discard")).exit_code == 2


async def test_missing_variables_are_named_and_never_their_values(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS")
    shown = await run("dead", "list")
    assert shown.exit_code == 2
    assert "set these variables in the environment: KAFKA_BOOTSTRAP_SERVERS" in shown.stderr
