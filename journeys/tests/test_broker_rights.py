"""A broker that lets nobody do but what the contracts say: services do their work on it, and nobody speaks for them."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from chassis.identity.sealing import new_master_key
from chassis_testing import databases
from chassis_testing.accounts import key_server
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from contracts.accounts import KeyDestroyed
from contracts.event import Event
from contracts.orders import OrderPaid
from contracts.shared import ErasureConfirmed
from contracts.wire import Attributes, decode, encode
from journeys.trial.guarded import Guarded, guarded
from licensing.__main__ import service
from stack.ports import pick
from uuid_utils.compat import uuid7

PASSWORD = secrets.token_urlsafe(12)


@pytest.fixture(scope="module")
async def broker(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Guarded]:
    async with guarded(tmp_path_factory.mktemp("guarded")) as broker:
        yield broker


@dataclass(slots=True)
class Licensing:
    """The service's program, with the environment in which it is to reach the broker."""

    environment: dict[str, str]
    log: Path

    async def tell(self, *words: str) -> list[str]:
        """The lines that a command prints."""
        process = await self._start(*words, told=True)
        out, _ = await process.communicate()
        assert process.returncode == 0, self.log.read_text()
        return out.decode().splitlines()

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """At work to the end of the block."""
        process = await self._start("serve")
        try:
            yield
            assert process.returncode is None, self.log.read_text()
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def state(self) -> str:
        """What it says of its readiness."""
        try:
            async with aiohttp.request("GET", f"http://127.0.0.1:{self.environment['HTTP_PORT']}/readyz") as answer:
                return "ready" if answer.status == 200 else await answer.text()
        except aiohttp.ClientError:
            return "not there"

    async def ready(self) -> bool:
        return await self.state() == "ready"

    async def _start(self, *words: str, told: bool = False) -> asyncio.subprocess.Process:
        program = (sys.executable, "-m", "licensing", *words)
        with self.log.open("ab") as log:
            out = asyncio.subprocess.PIPE if told else log
            return await asyncio.create_subprocess_exec(*program, env=self.environment, stdout=out, stderr=log)


@pytest.fixture(params=["name", "certificate"])
async def licensing(
    request: pytest.FixtureRequest, broker: Guarded, infrastructure: Infrastructure, tmp_path: Path
) -> AsyncGenerator[tuple[Licensing, str]]:
    """The service that the broker knows by a name or by a certificate, and who it is to the broker."""
    clock, secret, password, master = (tmp_path / name for name in ("clock", "secret", "password", "master"))
    for file, text in ((clock, "0"), (secret, "a secret"), (password, PASSWORD), (master, new_master_key())):
        file.write_text(text)
    known: dict[str, str] = {"KAFKA_TLS": "true", "KAFKA_CA_FILE": str(broker.directory / "ca.pem")}
    if request.param == "name":
        await broker.admit("licensing", PASSWORD)
        known |= {"KAFKA": broker.named, "KAFKA_USER": "licensing", "KAFKA_PASSWORD_FILE": str(password)}
    else:
        known |= {"KAFKA": broker.certified, "KAFKA_CERT_FILE": str(broker.authority.issue("licensing"))}
    async with key_server(clock) as accounts, databases.fresh(infrastructure.postgres, service) as database:
        common = {
            "DATABASE_URL": database,
            "ACCOUNTS_URL": accounts.url,
            "PUBLIC_URL": "http://127.0.0.1",
            "SERVICE_SECRET_FILE": str(secret),
            "LICENSE_KEY_FILE": str(master),
            "HTTP_PORT": str(pick(("http",), {})["http"]),
        }
        program = Licensing({**os.environ, **common, **known}, tmp_path / "log")
        yield program, "User:licensing" if request.param == "name" else "User:CN=licensing"


@asynccontextmanager
async def producer(brokers: Any) -> AsyncGenerator[Any]:
    made: Any = AIOKafkaProducer(**brokers.options, enable_idempotence=True)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def say(voice: Any, event: Event) -> None:
    declared = event.DECLARED
    attributes = Attributes(
        id=uuid7(),
        source=declared.published_by,
        type=declared.topic,
        subject=event.aggregate,
        time=None,
        sequence=1,
        tenant=event.tenant,
        traceparent=None,
    )
    await voice.send_and_wait(
        declared.topic, key=event.record_key.encode(), value=encode(event), headers=attributes.to_headers()
    )


def destroyed() -> KeyDestroyed:
    example = KeyDestroyed.model_validate(KeyDestroyed.EXAMPLE)
    return example.model_copy(update={"customer": uuid4(), "key": uuid4()})


async def confirmed(broker: Guarded, event: KeyDestroyed) -> list[ErasureConfirmed]:
    """What stands in the topic of this key."""
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


async def test_F_E29_a_service_with_the_rights_it_names_works_and_nobody_without_them_speaks_for_another(
    broker: Guarded, licensing: tuple[Licensing, str]
):
    program, principal = licensing
    async with producer(broker.administrator) as accounts, program.serving():
        event = destroyed()
        await say(accounts, event)

        async def refused() -> bool:
            return "log" in await program.state()

        await until(refused, timeout=20, what="the service to say that the log does not let it in")
        for line in await program.tell("acls", "--principal", principal):
            await broker.allow(*line.split())
        await until(program.ready, timeout=30, what="the service to be ready without a restart")

        async def answered() -> bool:
            return bool(await confirmed(broker, event))

        await until(answered, timeout=20, what="what it hears to be answered")
    forged = OrderPaid.model_validate(OrderPaid.EXAMPLE)
    await broker.admit("forger", PASSWORD)
    rights = [line.replace(principal, "User:forger") for line in await program.tell("acls", "--principal", principal)]
    for line in rights:
        await broker.allow(*line.split())
    async with producer(broker.brokers("forger", PASSWORD)) as voice:
        await say(voice, ErasureConfirmed.model_validate(ErasureConfirmed.EXAMPLE))
        for theirs in (forged, destroyed()):
            with pytest.raises(TopicAuthorizationFailedError):
                await say(voice, theirs)
