import asyncio
import base64
import json
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import pytest
from accounts.__main__ import service
from accounts.commands import commands
from accounts.domain.erasure import HOLDERS
from accounts.settings import Settings
from chassis.config.clock import LOOK_AGAIN_SECONDS
from chassis.identity import open_box
from chassis.identity.sealing import new_master_key
from chassis.service import Terminal
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from contracts.accounts import EmailConfirmationRequested
from contracts.event import Event, Sealed
from contracts.orders import OrderClosed, OrderPlaced
from contracts.wire import decode
from typer.testing import CliRunner, Result

E = TypeVar("E", bound=Event)
WORKCENTER = "http://work.localhost:7001"
PASSWORD = "korrekt pferd batterie"
REGISTERED = "/me/email/registered"
PROOF = {"password": PASSWORD}
SELLER: dict[str, Any] = {
    "seller": "kontor",
    "legal_name": "Kontor Software GmbH",
    "address": "Speicherstadt 1, 20457 Hamburg, Germany",
    "vat_id": "DE136695976",
    "country": "DE",
    "email": "service@kontor.example",
    "telephone": "+49 40 5550100",
    "bank_account": {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "payee": "Kontor Software GmbH"},
}


@dataclass
class Person:
    """Somebody with an account."""

    tenant: str
    email: str
    name: str
    password: str
    id: UUID = field(default_factory=uuid4)

    @property
    def sign_in(self) -> dict[str, str]:
        return {"tenant": self.tenant, "email": self.email, "password": self.password}


@dataclass
class House:
    """accounts, running; its routes and commands as its users have them."""

    home: Harness
    directory: Path
    settings: dict[str, str]
    numbers: Any = field(default_factory=lambda: count(1))

    async def run(self, *words: str, piped: str | None = None) -> Result:
        """A command of the operator's, and what is piped into it."""
        terminal: Terminal[Settings] = Terminal("accounts", Settings)
        return await asyncio.to_thread(CliRunner().invoke, commands(terminal), words, env=self.settings, input=piped)

    def file(self, content: Any) -> str:
        file = self.directory / secrets.token_hex(8)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(file)

    async def open_tenant(self, **changes: Any) -> str:
        tenant = f"t{secrets.token_hex(4)}"
        content: dict[str, Any] = {"tenant": tenant, "name": "Ein Haus", "sellers": [SELLER], **changes}
        done = await self.run("tenant", "open", "--file", self.file(content))
        assert done.exit_code == 0, done.output
        return tenant

    async def ask(
        self, method: str, path: str, body: Any = None, token: str = "", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with self.home.http.request(method, path, json=body, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else {}

    def registration(self, tenant: str, /, **changes: Any) -> dict[str, Any]:
        number = next(self.numbers)
        return {
            "tenant": tenant,
            "email": f"Erika.{number}@Example.org",
            "password": PASSWORD,
            "name": f"Erika Müsterfräu{number}",
            "market": "DE",
            "language": "de",
            "keep_data": True,
            **changes,
        }

    async def opened_box(self, box: Sealed) -> str:
        """What is sealed to a customer's contact, as letters reads it."""
        key = (await self.keys(await self.service("letters"), "send e-mails", box.key))[box.key]
        return open_box(box, base64.urlsafe_b64decode(key["private"]))

    async def confirmation_codes(self, person: Person) -> list[str]:
        """The codes that were mailed for somebody who has registered."""
        await self.home.settled()
        found = [one for one in self.published(EmailConfirmationRequested) if one.customer == person.id]
        assert [await self.opened_box(one.email) for one in found] == [person.email] * len(found)
        return [await self.opened_box(one.code) for one in found]

    async def confirm(self, person: Person, tokens: dict[str, Any] | None = None) -> dict[str, Any]:
        """Confirm somebody's address, where that is needed; returns the tokens of a customer."""
        tokens = tokens or await self.sign_in(person)
        body = {"code": (await self.confirmation_codes(person))[-1]}
        status, answer = await self.ask("POST", f"{REGISTERED}/confirmation", body, tokens["access_token"])
        assert status == 200, answer
        return answer

    async def register(self, tenant: str, **changes: Any) -> Person:
        body = self.registration(tenant, **changes)
        status, answer = await self.ask("POST", "/customers", body, **{"Idempotency-Key": str(uuid4())})
        assert status == 201, answer
        return Person(tenant, body["email"], body["name"], body["password"], UUID(answer["customer"]))

    async def sign_in(self, person: Person) -> dict[str, Any]:
        status, answer = await self.ask("POST", "/sign-in", person.sign_in)
        assert status == 200, answer
        return answer

    async def clerk(self, tenant: str, *roles: str) -> Person:
        """A new member of staff."""
        person = Person(tenant, f"staff{next(self.numbers)}@kontor.example", "Stefan Stäffler", PASSWORD)
        words = ["--tenant", tenant, "--email", person.email, "--name", person.name]
        words += [word for role in roles for word in ("--role", role)]
        done = await self.run("staff", "add", *words, "--password-file", self.file(PASSWORD))
        assert done.exit_code == 0, done.output
        return person

    async def staff(self, tenant: str, *roles: str) -> str:
        """A token of a new member of staff."""
        return (await self.sign_in(await self.clerk(tenant, *roles)))["access_token"]

    async def service_secret(self, name: str) -> str:
        secret = secrets.token_urlsafe(32)
        done = await self.run("service", "add", name, "--secret-file", self.file(secret))
        assert done.exit_code == 0, done.output
        return secret

    async def service(self, name: str) -> str:
        """A token of a service."""
        body = {"service": name, "secret": await self.service_secret(name)}
        status, answer = await self.ask("POST", "/service-token", body)
        assert status == 200, answer
        return answer["access_token"]

    async def keys(self, token: str, purpose: str, *keys: UUID) -> dict[UUID, dict[str, Any]]:
        body = {"purpose": purpose, "keys": [str(key) for key in keys]}
        status, answer = await self.ask("POST", "/subject-keys", body, token)
        assert status == 200, answer
        return {UUID(entry["key"]): entry for entry in answer["keys"]}

    async def keys_of(self, person: Person) -> dict[str, UUID]:
        rows = await self.home.sql("select kind, id from subject_keys where subject = $1", str(person.id))
        return {row["kind"]: row["id"] for row in rows}

    async def hashes(self) -> float:
        """How many password hashes have been compared."""
        async with self.home.admin("/metrics") as answer:
            lines = (await answer.text()).splitlines()
        compared = 'kontor_password_hashes_total{purpose="compare"}'
        return sum(float(line.split()[-1]) for line in lines if line.startswith(compared))

    def published(self, event: type[E]) -> list[E]:
        """Return what the service has published so far."""
        topic = event.DECLARED.topic
        return [cast("E", decode(topic, record.value)) for record in self.home.log.get(topic, [])]

    async def shift(self, by: timedelta) -> None:
        """Move the service's clock, and wait until it has looked."""
        self.home.shift_clock(by.total_seconds())
        await asyncio.sleep(2 * LOOK_AGAIN_SECONDS)

    def placed(self, person: Person, order: UUID) -> OrderPlaced:
        example = OrderPlaced.model_validate(OrderPlaced.EXAMPLE)
        return example.model_copy(update={"tenant": person.tenant, "customer": person.id, "order": order})

    def closed(self, person: Person, order: UUID, until: datetime | timedelta) -> OrderClosed:
        now = self.home.clock.now()
        facts: dict[str, Any] = {
            "tenant": person.tenant,
            "customer": person.id,
            "order": order,
            "closed_at": now,
            "contact_until": now + until if isinstance(until, timedelta) else until,
        }
        return OrderClosed.model_validate(OrderClosed.EXAMPLE).model_copy(update=facts)


@asynccontextmanager
async def opened(service_home: ServiceHome, directory: Path, **settings: Any) -> AsyncGenerator[House]:
    """An accounts of its own, which asks itself for the keys it verifies by; addresses need not be confirmed."""
    master_key = directory / "master-key"
    master_key.write_text(new_master_key())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    often = {f"{name}_per_minute": 10_000 for name in ("sign_ins", "registrations", "refreshes")} | {
        "registrations_per_day": 10_000
    }
    given = {
        "storefront_url": "https://shop.example",
        "address_confirmation": "optional",
        "workcenter_origins": WORKCENTER,
        **often,
        **settings,
        "master_key_file": master_key,
        "accounts_url": f"http://127.0.0.1:{port}",
    }
    async with service_home(service, http_port=port, **given) as home:
        names = (
            "database_url",
            "kafka_bootstrap_servers",
            "accounts_url",
            "public_url",
            "service_secret_file",
            "clock_file",
            "topic_prefix",
        )
        environment = {name.upper(): str(getattr(home.settings, name)) for name in names}
        house = House(home, directory, {**environment, "MASTER_KEY_FILE": str(master_key)})
        for holder in HOLDERS:
            await house.service_secret(holder)
        yield house


@pytest.fixture(scope="session")
async def house(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """One accounts for all tests; they keep apart by tenant."""
    async with opened(service_home, tmp_path_factory.mktemp("operator")) as house:
        yield house


@pytest.fixture(scope="session")
async def tenant(house: House) -> str:
    """A tenant for tests that need any."""
    return await house.open_tenant()


@pytest.fixture
async def person(house: House) -> Person:
    """Somebody of a tenant of their own: many failures from one address make all of it wait who come from there."""
    return await house.register(await house.open_tenant())


@pytest.fixture
async def token(house: House, person: Person) -> str:
    return (await house.sign_in(person))["access_token"]
