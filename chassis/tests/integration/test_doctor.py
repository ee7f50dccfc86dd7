"""The doctor says what is wrong with what a service needs, and what to do next."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from chassis.doctor import Diagnosis, Grade
from chassis.doctor.examination import Patient, examine
from chassis_testing import Harness
from chassis_testing.harness import until
from probe import script
from probe.domain import MeetingRefused
from probe.seen import dead
from probe.web import meeting
from probe.wire import renamed

NOWHERE = "127.0.0.1:1"


async def examined(probe: Harness, name: str = "probe", /, **settings: Any) -> Sequence[Diagnosis]:
    other = type(probe.settings)(**probe.settings.model_dump() | settings)
    return await examine(patient(probe, name), other)


def patient(probe: Harness, name: str = "probe") -> Patient:
    service = probe.service
    return Patient(name, service.series, service.reactions.topics, service.doors.provide, service.doors.examine)


def only(diagnoses: Sequence[Diagnosis], grade: Grade) -> Diagnosis:
    (diagnosis,) = [diagnosis for diagnosis in diagnoses if diagnosis.grade is grade]
    assert diagnosis.next, "whoever reads this needs a next step"
    return diagnosis


async def test_where_all_is_well_every_finding_is_ok(probe: Harness):
    diagnoses = await examined(probe)
    assert {diagnosis.grade for diagnosis in diagnoses} == {Grade.OK}, diagnoses
    assert {"database", "migrations", "clock", "kafka", "lag", "accounts"} <= {
        diagnosis.check for diagnosis in diagnoses
    }


@pytest.mark.parametrize(
    ("settings", "check", "said", "step"),
    [
        ({"accounts_url": f"http://{NOWHERE}"}, "accounts", f"no keys at http://{NOWHERE}", "ACCOUNTS_URL"),
        ({"kafka_bootstrap_servers": NOWHERE}, "kafka", f"cannot be reached at {NOWHERE}", "KAFKA_BOOTSTRAP_SERVERS"),
        ({"topic_prefix": "elsewhere."}, "topics", "Kafka lacks elsewhere.", "Make them"),
        ({"database_url": f"postgresql://nobody@{NOWHERE}/x"}, "database", "cannot be reached", "DATABASE_URL"),
        ({"service_secret_file": Path("/nowhere")}, "files SERVICE_SECRET_FILE", "/nowhere cannot be read", "Put"),
    ],
)
async def test_what_is_away_is_named_with_the_setting_to_look_at(
    probe: Harness, settings: dict[str, Any], check: str, said: str, step: str
):
    diagnosis = only(await examined(probe, **settings), Grade.ERROR)
    assert diagnosis.check == check
    assert said in diagnosis.text
    assert step in diagnosis.next


async def test_a_broker_that_calls_itself_by_a_name_that_leads_nowhere_is_told_with_that_name(probe: Harness):
    async with renamed(probe.infrastructure.kafka, b"k.invalid") as kafka:
        diagnosis = only(await examined(probe, kafka_bootstrap_servers=kafka), Grade.ERROR)
    assert f"answers at {kafka}, but a broker calls itself k.invalid:" in diagnosis.text
    assert "a name that cannot be resolved here" in diagnosis.text
    assert "advertised.listeners" in diagnosis.next


async def test_a_database_that_does_not_exist_and_a_user_who_may_not_are_told_apart(probe: Harness):
    address = urlsplit(probe.database_url)
    other = urlunsplit(address._replace(path="/nothing_of_this_name"))
    assert "no database nothing_of_this_name" in only(await examined(probe, database_url=other), Grade.ERROR).text
    _, _, host = address.netloc.rpartition("@")
    stranger = urlunsplit(address._replace(netloc=f"stranger:wrong@{host}"))
    diagnosis = only(await examined(probe, database_url=stranger), Grade.ERROR)
    assert "refuses the user stranger, or its password" in diagnosis.text
    assert 'alter role "stranger" password' in diagnosis.next


async def test_that_nobody_consumes_is_told_as_what_may_follow_from_a_database_that_is_away(probe: Harness):
    away = {"database_url": f"postgresql://x@{NOWHERE}/x"}
    found = {one.check: one for one in await examined(probe, "nobody", **away)}
    assert "cannot be reached" in found["database"].text
    assert found["lag"].next.startswith("Mend what is said of database above first")


async def test_a_secret_that_accounts_does_not_know_is_told_with_the_command(probe: Harness):
    async with refusing_accounts() as url:
        diagnosis = only(await examined(probe, accounts_url=url), Grade.ERROR)
    assert "does not know the secret" in diagnosis.text
    assert "accounts service add probe --secret-file FILE" in diagnosis.next


@asynccontextmanager
async def refusing_accounts() -> AsyncGenerator[str]:
    """Accounts as it answers a service whose secret it does not know."""

    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": []})

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=401)

    app = web.Application()
    app.router.add_get("/.well-known/jwks.json", keys)
    app.router.add_post("/service-token", refuse)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_migrations_that_are_lacking_changed_or_beyond_are_told_apart(probe: Harness):
    table = "chassis.migrations"
    await probe.sql(f"insert into {table} (series, number, name, sha256) values ('probe', 4711, 'x.sql', 'x')")
    diagnosis = only(await examined(probe), Grade.WARNING)
    assert "newer than this program: it has probe/4711" in diagnosis.text
    await probe.sql(f"delete from {table} where number = 4711")

    (kept,) = await probe.sql(f"select sha256 from {table} where series = 'probe' and number = 1")
    await probe.sql(f"update {table} set sha256 = 'other' where series = 'probe' and number = 1")
    assert "differs from what was applied here" in only(await examined(probe), Grade.ERROR).text
    await probe.sql(f"update {table} set sha256 = $1 where series = 'probe' and number = 1", kept[0])

    await probe.sql(f"update {table} set series = 'kept' where series = 'probe' and number = 1")
    diagnosis = only(await examined(probe), Grade.ERROR)
    assert "The database lacks probe/0001" in diagnosis.text
    assert "migrate" in diagnosis.next
    await probe.sql(f"update {table} set series = 'probe' where series = 'kept'")


async def test_a_dead_event_is_told(probe: Harness):
    host = uuid4()
    event = meeting(uuid4(), host)
    script.always[event.meeting] = MeetingRefused()
    await probe.publish(event)
    await until(lambda: dead(probe, host), what="it to be dead")
    await probe.settled()
    diagnosis = only(await examined(probe), Grade.ERROR)
    assert (diagnosis.check, "1 events are dead" in diagnosis.text) == ("dead letters", True)
    await probe.sql("delete from chassis.parked")


REFUSED = """
insert into chassis.outbox (id, aggregatetype, aggregateid, type, occurred_at, refused)
values (gen_random_uuid(), 'MeetingLogged', 'x', 'MeetingLogged', now() - interval '5 minutes', 'too large')
"""


async def test_what_kafka_refused_is_told_and_how_old_the_outbox_is(probe: Harness):
    await probe.sql(REFUSED)
    told = [diagnosis for diagnosis in await examined(probe) if diagnosis.check == "outbox"]
    await probe.sql("delete from chassis.outbox where refused is not null")
    assert [diagnosis.grade for diagnosis in told] == [Grade.ERROR, Grade.ERROR]
    assert "refused 1 events for good" in told[0].text
    assert "the oldest for 30" in told[1].text


OWED = """
insert into chassis.exports (tenant, id, request, expires_at, attempts)
values ('kontor', $1, '{}', now() + interval '1 day', 3)
"""


async def test_an_export_that_cannot_be_answered_is_told(probe: Harness):
    owed = uuid4()
    await probe.sql(OWED, owed)
    diagnosis = only(await examined(probe), Grade.ERROR)
    await probe.sql("delete from chassis.exports where id = $1", owed)
    assert (diagnosis.check, "1 exports of people's data wait" in diagnosis.text) == ("exports", True)


async def test_a_service_of_which_no_replica_runs_is_told(probe: Harness):
    diagnoses = await examine(patient(probe, "nobody"), probe.settings)
    (lag,) = [diagnosis for diagnosis in diagnoses if diagnosis.check == "lag"]
    assert lag.grade is Grade.ERROR
    assert "has no member" in lag.text
    assert "serve" in lag.next
