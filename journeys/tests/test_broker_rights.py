"""On a broker with ACLs services work with the rights that they name, and nobody writes another's topics."""

import asyncio
import json
import os
import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import TopicAuthorizationFailedError
from catalog.__main__ import service as catalog_service
from chassis.doctor.kafka import Wanted, examine
from chassis.identity.sealing import new_master_key
from chassis_testing import databases
from chassis_testing.accounts import key_server
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from confluent_kafka import KafkaError
from contracts.accounts import KeyDestroyed, TenantOpened
from contracts.orders import OrderPaid, OrderPlaced
from contracts.shared import ErasureConfirmed
from contracts.topics import SERVICES, published_by
from contracts.wire import decode
from journeys.trial.guarded import Guarded, guarded
from journeys.trial.outside import REFUSED, Outsider
from journeys.trial.served import Served, connected, publish
from licensing.__main__ import service
from partners.__main__ import service as partners_service
from stack.ports import pick
from stack.stack import ROOT

PASSWORD = secrets.token_urlsafe(12)
FOREIGN = ROOT / ".venv" / "clients" / "node_modules" / "kafkajs"


@pytest.fixture(scope="module")
async def broker(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Guarded]:
    async with guarded(tmp_path_factory.mktemp("guarded")) as broker:
        yield broker


@pytest.fixture(params=["name", pytest.param("certificate", marks=pytest.mark.torture)])
async def licensing(
    request: pytest.FixtureRequest, broker: Guarded, infrastructure: Infrastructure, tmp_path: Path
) -> AsyncGenerator[tuple[Served, str]]:
    """Yield the service, known to the broker by a name or by a certificate, and its principal."""
    clock, secret, password, master = (tmp_path / name for name in ("clock", "secret", "password", "master"))
    for file, text in ((clock, "0"), (secret, "a secret"), (password, PASSWORD), (master, new_master_key())):
        file.write_text(text)
    kafka: dict[str, str] = {"KAFKA_TLS": "true", "KAFKA_CA_FILE": str(broker.directory / "ca.pem")}
    if request.param == "name":
        await broker.admit("licensing", PASSWORD)
        kafka |= {
            "KAFKA_BOOTSTRAP_SERVERS": broker.named,
            "KAFKA_USER": "licensing",
            "KAFKA_PASSWORD_FILE": str(password),
        }
    else:
        kafka |= {
            "KAFKA_BOOTSTRAP_SERVERS": broker.certified,
            "KAFKA_CERT_FILE": str(broker.authority.issue("licensing")),
        }
    async with key_server(clock) as accounts, databases.fresh(infrastructure.postgres, service) as database:
        common = {
            "DATABASE_URL": database,
            "ACCOUNTS_URL": accounts.url,
            "PUBLIC_URL": "http://127.0.0.1",
            "SERVICE_SECRET_FILE": str(secret),
            "LICENSE_KEY_FILE": str(master),
            "HTTP_PORT": "0",
            "ADMIN_PORT": str(pick(("admin",), {})["admin"]),
        }
        program = Served({**os.environ, **common, **kafka}, tmp_path / "log")
        yield program, "User:licensing" if request.param == "name" else "User:CN=licensing"


def destroyed() -> KeyDestroyed:
    example = KeyDestroyed.model_validate(KeyDestroyed.EXAMPLE)
    return example.model_copy(update={"customer": uuid4(), "key": uuid4()})


async def confirmed(broker: Guarded, event: KeyDestroyed) -> list[ErasureConfirmed]:
    """Return the confirmations of this key in the topic."""
    found: list[ErasureConfirmed] = []
    topic = ErasureConfirmed.DECLARED.topic
    consumer: Any = AIOKafkaConsumer(topic, **broker.administrator.options, auto_offset_reset="earliest")
    await consumer.start()
    try:
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            found += [cast("ErasureConfirmed", decode(topic, record.value)) for record in records]
    finally:
        await consumer.stop()
    return [one for one in found if one.key == event.key]


async def test_F_E29_a_service_works_with_the_rights_it_names_and_nobody_writes_anothers_topics(
    broker: Guarded, licensing: tuple[Served, str]
):
    program, principal = licensing
    async with connected(broker.administrator) as accounts, program.serving():
        event = destroyed()
        await publish(accounts, event)

        async def refused() -> bool:
            return "licensing has no right to see" in await program.state() or "CN=" in principal

        await until(refused, timeout=20, what="the service to report that Kafka refuses it")
        for line in await program.output("acls", "--principal", principal):
            await broker.allow(*line.split())
        await until(program.ready, timeout=30, what="the service to be ready without a restart")

        async def answered() -> bool:
            return bool(await confirmed(broker, event))

        await until(answered, timeout=20, what="the event to be answered")
    forged = OrderPaid.model_validate(OrderPaid.EXAMPLE)
    await broker.admit("forger", PASSWORD)
    rights = [line.replace(principal, "User:forger") for line in await program.output("acls", "--principal", principal)]
    for line in rights:
        await broker.allow(*line.split())
    async with connected(broker.brokers("forger", PASSWORD)) as forger:
        await publish(forger, ErasureConfirmed.model_validate(ErasureConfirmed.EXAMPLE))
        for theirs in (forged, destroyed()):
            with pytest.raises(TopicAuthorizationFailedError):
                await publish(forger, theirs)


async def test_F_E29_a_right_that_is_missing_is_told_and_the_suites_command_gives_it_without_passwords(broker: Guarded):
    await broker.admit("catalog", PASSWORD)
    wanted = Wanted("catalog", "", published_by("catalog"), catalog_service.reactions.topics)
    (found,) = await examine(broker.brokers("catalog", PASSWORD), wanted, {})
    assert found.text.startswith("catalog has no right to see CouponOffered, ")
    assert "kontor broker" in found.next
    await broker.prepare()
    assert await broker.visible("catalog", PASSWORD) == {*wanted.topics}
    absent = replace(wanted, read=(), written=["nobody.made.it"])
    (found,) = await examine(broker.administrator, absent, {})
    assert found.text == "Kafka lacks nobody.made.it."


async def test_F_E29_the_suites_command_makes_users_who_see_the_topics_of_their_rights_alone(
    broker: Guarded, tmp_path: Path
):
    passwords = tmp_path / "passwords"
    passwords.mkdir()
    for name in SERVICES:
        (passwords / name).write_text(PASSWORD)
    for _ in range(2):
        await broker.prepare("--passwords", str(passwords))
    assert await broker.visible("catalog", PASSWORD) == {*published_by("catalog"), *catalog_service.reactions.topics}


@pytest.fixture
async def partners(broker: Guarded, infrastructure: Infrastructure, tmp_path: Path) -> AsyncGenerator[Served]:
    """Yield the service of partners, serving with the rights that it names."""
    files = {name: tmp_path / name for name in ("clock", "secret", "password", "key")}
    for file, text in zip(files.values(), ("0", "a secret", PASSWORD, new_master_key()), strict=True):
        file.write_text(text)
    await broker.admit("partners", PASSWORD)
    async with (
        key_server(files["clock"]) as accounts,
        databases.fresh(infrastructure.postgres, partners_service) as database,
    ):
        environment = {
            "DATABASE_URL": database,
            "ACCOUNTS_URL": accounts.url,
            "PUBLIC_URL": "http://127.0.0.1",
            "SERVICE_SECRET_FILE": str(files["secret"]),
            "PARTNER_KEY_FILE": str(files["key"]),
            "HTTP_PORT": "0",
            "ADMIN_PORT": str(pick(("admin",), {})["admin"]),
            "KAFKA_TLS": "true",
            "KAFKA_CA_FILE": str(broker.directory / "ca.pem"),
            "KAFKA_BOOTSTRAP_SERVERS": broker.named,
            "KAFKA_USER": "partners",
            "KAFKA_PASSWORD_FILE": str(files["password"]),
        }
        program = Served({**os.environ, **environment}, tmp_path / "log", "partners")
        for line in await program.output("acls"):
            await broker.allow(*line.split())
        async with program.serving():
            await until(program.ready, timeout=60, what="the service to be ready")
            yield program


async def opened(program: Served, id_: str, directory: Path) -> str:
    """Open a partner; return its password."""
    (directory / "partner.yaml").write_text(f"id: {id_}\ntenant: kontor\nchannels: [{id_}]\n")
    (line,) = await program.output("partner", "open", "--file", str(directory / "partner.yaml"), "--json")
    return json.loads(line)["password"]


@pytest.mark.torture
async def test_PLT_6_a_client_of_another_family_reads_its_own_and_is_refused_the_rest(
    broker: Guarded, partners: Served, tmp_path: Path
):
    if not FOREIGN.exists():
        pytest.skip("needs kafkajs:  make .venv/clients")
    async with connected(broker.administrator) as producer:
        await publish(producer, TenantOpened.model_validate(TenantOpened.EXAMPLE))
        await until(lambda: knows(partners, "kontor"), timeout=30, what="the tenant to be known")
        ost = Outsider(broker, "partner.ost", await opened(partners, "ost", tmp_path))
        await publish(producer, OrderPlaced.model_validate({**OrderPlaced.EXAMPLE, "channel": "ost"}))

    record = await foreign(ost, "partner.ost.OrderPlaced")
    assert record.startswith("{"), record
    assert json.loads(record)["data"]["channel"] == "ost"
    assert await foreign(ost, "OrderPlaced") == "TOPIC_AUTHORIZATION_FAILED"
    # it looks for another coordinator until it gives up, and does not tell that it was refused
    assert (await foreign(ost, "partner.ost.OrderPlaced", "sued")).startswith("KafkaJSGroupCoordinatorNotFound")


async def knows(program: Served, tenant: str) -> bool:
    return tenant in await program.tenants()


async def foreign(who: Outsider, topic: str, group: str = "partner.ost.node") -> str:
    """Read a topic by kafkajs; return the first record's value, or the name of the error."""
    words = (who.broker.named, who.user, who.password, who.broker.directory / "ca.pem", topic, group)
    program = ("node", Path(__file__).with_name("reader.cjs"), *words)
    node = {**os.environ, "NODE_PATH": str(FOREIGN.parent)}
    process = await asyncio.create_subprocess_exec(*program, stdout=-1, env=node)
    try:
        async with asyncio.timeout(60):
            return (await process.communicate())[0].decode().strip()
    finally:
        if process.returncode is None:
            process.kill()


async def test_PLT_6_a_partner_reads_its_own_topics_until_it_is_closed_and_no_others(
    broker: Guarded, partners: Served, tmp_path: Path
):
    async with connected(broker.administrator) as producer:
        await publish(producer, TenantOpened.model_validate(TenantOpened.EXAMPLE))
        await until(lambda: knows(partners, "kontor"), timeout=30, what="the tenant to be known")
        nord, sued = [
            Outsider(broker, f"partner.{id_}", await opened(partners, id_, tmp_path)) for id_ in ("nord", "sued")
        ]
        for channel in ("nord", "sued"):
            await publish(producer, OrderPlaced.model_validate({**OrderPlaced.EXAMPLE, "channel": channel}))

    for one, id_ in ((nord, "nord"), (sued, "sued")):
        (record,) = await one.read(f"partner.{id_}.OrderPlaced")
        assert json.loads(record.value())["data"]["channel"] == id_
    for topic in ("partner.sued.OrderPlaced", "OrderPlaced"):
        assert (await nord.refused(topic))[0] == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert (await nord.refused("partner.nord.OrderPlaced", "sued"))[0] == KafkaError.GROUP_AUTHORIZATION_FAILED
    assert await nord.write("partner.nord.OrderPlaced") == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert "consumer_byte_rate=1048576.0" in await broker.limits("partner.nord")

    reading = asyncio.create_task(nord.refused("partner.nord.OrderPlaced", "partner.nord.late"))
    await partners.output("partner", "close", "nord")
    closed = time.monotonic()
    code, ended = await reading
    print(f"reading ended {ended - closed:.2f} s after the command")
    assert code in REFUSED
    assert "nord" not in await broker.limits("partner.nord")

    await partners.output("partner", "rotate", "sued")

    async def gone() -> bool:
        try:  # who connected before the old password ended reads on, and so asks again anew
            return (await sued.refused("partner.sued.OrderPlaced", seconds=3))[0] == KafkaError._AUTHENTICATION
        except AssertionError:
            return False

    await until(gone, timeout=20, what="the old password to end")
