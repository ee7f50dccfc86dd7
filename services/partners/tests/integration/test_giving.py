"""Kafka is given what partners may do by one claim at a time, and one at fault keeps no other waiting."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any, cast
from uuid import UUID

import pytest
from chassis.db import Database
from chassis_testing.harness import until
from confluent_kafka import admin as exported
from contracts.orders import OrderPlaced
from contracts.partner import partner_topics
from partners.clients.access import Kafka, give
from partners.domain.access import Access, Answer
from partners.settings import Settings
from partners.usecases.access import SEALED, settle

from .conftest import Desk, example

admins: Any = exported
STATE = "select version, applied, wanted, running, claim, failures, failure, replay_failure from partners where id = $1"
DUE = "update partners set claimed_until = '-infinity' where id = $1"
OVERTAKEN = """
update partners
set wanted = 1, running = true, claim = claim + 1, claimed_until = '-infinity'
where id = $1
"""


@pytest.fixture
async def database(desk: Desk) -> AsyncGenerator[Database]:
    """The database as another replica has it."""
    other = Database(desk.home.database_url, "partners", desk.home.clock)
    await other.open()
    yield other
    await other.close()


@pytest.fixture
def kafka(desk: Desk) -> Kafka:
    """Kafka as another replica has it."""
    settings = cast("Settings", desk.home.settings)
    topics = {topic.name: topic.retention_ms for topic in partner_topics()}
    return Kafka(True, settings.brokers, settings.client, settings.topic_prefix, topics, 1024)


async def state(desk: Desk, id_: str) -> Any:
    return (await desk.home.sql(STATE, id_))[0]


async def comes(desk: Desk, id_: str, **wanted: Any) -> None:
    async def come() -> bool:
        found = await state(desk, id_)
        return all(found[name] == value for name, value in wanted.items())

    await until(come, timeout=20, what=f"{id_} to have {wanted}")


async def users(kafka: Kafka, id_: str) -> bool:
    """Return whether Kafka knows a partner as a user."""
    name = f"{kafka.prefix}partner.{id_}"
    admin = admins.AdminClient(dict(kafka.client))
    asked = admin.describe_user_scram_credentials([name])[name]
    return await asyncio.to_thread(asked.exception, 10) is None


@pytest.mark.torture
async def test_PLT_6_what_an_overtaken_replica_does_late_does_not_last(desk: Desk, database: Database, kafka: Kafka):
    await desk.open("late", "east")
    await desk.home.sql(DUE, "late")
    await comes(desk, "late", wanted=0)
    before = await state(desk, "late")
    late = Access("late", before["version"], True, before["claim"], time.monotonic(), "an old password")
    await desk.run("close", "late")
    assert not await users(kafka, "late")

    assert not (await give(late, kafka)).failed
    assert await users(kafka, "late"), "the late one has let it in again"
    async with database.begin() as tx:
        await settle(tx, late, Answer())

    await comes(desk, "late", wanted=0, running=False)
    assert not await users(kafka, "late")
    assert (await state(desk, "late"))["applied"] == before["version"] + 1


async def test_PLT_6_where_a_replica_died_with_its_claim_kafka_is_given_it_twice(desk: Desk):
    await desk.open("died", "east")
    await desk.home.sql(DUE, "died")
    await comes(desk, "died", wanted=0)
    before = (await state(desk, "died"))["claim"]

    await desk.home.sql(OVERTAKEN, "died")

    await comes(desk, "died", claim=before + 2, running=False, wanted=1)
    await desk.home.sql(DUE, "died")
    await comes(desk, "died", claim=before + 3, running=False, wanted=0)


async def test_PLT_6_a_password_that_does_not_open_puts_aside_its_own_partner_only(desk: Desk):
    await desk.open("torn", "east")
    await desk.home.sql("update partners set version = version + 1, wanted = 1, secret = '\\x00' where id = 'torn'")
    await desk.home.sql(DUE, "torn")

    assert '"done":true' in (await desk.open("whole", "east")).stdout

    await comes(desk, "whole", applied=1)
    await comes(desk, "torn", failure=SEALED)
    assert SEALED in (await desk.run("list")).stdout
    assert f'"fault":"{SEALED}"' in (await desk.run("list", "--json")).stdout
    assert (await desk.run("rotate", "torn")).exit_code == 0
    await comes(desk, "torn", failure=None, failures=0)
    assert "put aside" not in (await desk.run("list")).stdout


@pytest.mark.torture
async def test_PLT_5_a_past_that_cannot_be_sent_puts_aside_its_own_partner_only(desk: Desk, order: UUID):
    await desk.open("nord", "past")
    await desk.open("poor", "poison")
    await desk.home.publish(example(OrderPlaced, order=order, channel="past"))
    await desk.home.settled()
    kept = "insert into facts (tenant, channel, topic, key, number, at, content) values ($1, $2, $3, 'x', 1, now(), $4)"
    await desk.home.sql(kept, "kontor", "poison", "OrderPlaced", b"{" + b" " * 900_000 + b"}")
    await desk.home.sql("update partners set replayed = null, replay_since = null, present = null")

    await desk.replay("poor")
    await desk.replay("nord")

    async def both() -> bool:
        behind = "select id from partners where replayed is not null"
        return [row["id"] for row in await desk.home.sql(behind)] == ["poor"]

    await until(both, timeout=20, what="the other to be sent its past")
    await comes(desk, "poor", replay_failure="EventTooLarge")
    assert "EventTooLarge" in (await desk.run("list")).stdout
    await desk.home.sql("delete from facts where channel = 'poison'")
    await comes(desk, "poor", replay_failure=None)
    sent = await desk.sent("nord", OrderPlaced, order=order)
    assert len(sent) == 2
