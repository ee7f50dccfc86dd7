import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.service import Terminal
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from contracts.shared import MeetingLogged, MeetingStatus
from rewards.__main__ import service
from rewards.commands import commands
from typer.testing import CliRunner, Result

DEMO = Path(__file__).parents[4] / "local/data/rewards.yaml"
HOUR = timedelta(hours=1)
ACCOUNT = "9920 0356 7812 345"
FLIGHT = {"reward": "flight-1600-km", "account": f"No.: {ACCOUNT}"}
HOME = {"name": "वेद व्यास", "street": "Große Straße 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
BASKET = {"reward": "gift-basket", "address": HOME}
SUMS = """
select (select coalesce(sum(points), 0) from postings where tenant = $1 and member_id = $2)::bigint as postings,
       (select coalesce(sum(remaining), 0) from lots where tenant = $1 and member_id = $2)::bigint as lots,
       (select coalesce(sum(entries.points), 0)
        from entries join lots on lots.tenant = entries.tenant and lots.id = entries.lot_id
        where entries.tenant = $1 and member_id = $2)::bigint as entries
"""


@dataclass
class Person:
    """A customer with a token."""

    stage: "Stage"
    claims: dict[str, Any]
    id: UUID = field(default_factory=uuid4)
    tenant: str = "kontor"

    @property
    def token(self) -> str:
        return self.stage.home.accounts.token(self.id, "customer", tenant=self.tenant, **self.claims)

    async def get(self, path: str) -> tuple[int, Any]:
        return await self.stage.ask("GET", path, self.token)

    async def post(self, path: str, body: Any, key: str | None = None) -> tuple[int, Any]:
        return await self.stage.ask("POST", path, self.token, body, key or str(uuid4()))

    async def enrol(self, **changes: Any) -> Any:
        status, member = await self.post("/members", {"time_zone": "Europe/Berlin", **changes})
        assert status == 201, member
        return member

    async def balance(self) -> int:
        """The balance they see, which the ledger confirms in every way it can be summed."""
        _, member = await self.get("/members/me")
        (sums,) = await self.stage.home.sql(SUMS, self.tenant, UUID(member["member"]))
        assert set(sums.values()) == {member["balance"]}
        return member["balance"]

    async def hold(self, count: int) -> list[MeetingLogged]:
        """Hold meetings, one an hour from now on, and wait for their points."""
        logged = [self.stage.meeting(self, HOUR * number) for number in range(1, count + 1)]
        await self.stage.publish(*logged)
        await self.stage.home.settled()
        return logged


@dataclass
class Stage:
    """Rewards at work, with the demo's programme."""

    home: Harness
    start: datetime

    def customer(self, tenant: str = "kontor") -> Person:
        return Person(self, self.home.accounts.person_claims(), tenant=tenant)

    async def member(self, **changes: Any) -> Person:
        person = self.customer()
        await person.enrol(**changes)
        return person

    def staff(self, role: str = "support", tenant: str = "kontor") -> str:
        return self.home.accounts.token(uuid4(), role, tenant=tenant)

    def meeting(self, host: Person | UUID, after: timedelta = HOUR, minutes: int = 45, **changes: Any) -> MeetingLogged:
        began = self.home.clock.now() + after
        facts: dict[str, Any] = {
            "tenant": host.tenant if isinstance(host, Person) else "kontor",
            "meeting": uuid4(),
            "source": "conferencing/example",
            "host": host.id if isinstance(host, Person) else host,
            "status": MeetingStatus.HELD,
            "started_at": began,
            "ended_at": began + timedelta(minutes=minutes),
            "participants": 4,
        }
        return MeetingLogged(**{**facts, **changes})

    async def publish(self, *logged: MeetingLogged) -> None:
        """Publish what became of meetings at their ends, as adapters would."""
        for one in logged:
            await self.home.publish(one, source="conferencing", at=one.ended_at)

    async def ask(
        self, method: str, path: str, token: str | None = None, body: Any = None, key: str | None = None
    ) -> tuple[int, Any]:
        headers = {} if token is None else self.home.bearer(token)
        headers |= {} if key is None else {"Idempotency-Key": key}
        content = {} if body is None else {"json": body}
        async with self.home.http.request(method, path, headers=headers, **content) as answer:
            return answer.status, await answer.json(content_type=None)

    async def run(self, *words: str, opened: bool = True) -> Result:
        """Run one of the service's commands, as an operator would, for a tenant that is opened first."""
        if opened and "--tenant" in words:
            await self.home.open_tenants(words[words.index("--tenant") + 1])
        settings = self.home.settings
        environment = {
            "DATABASE_URL": settings.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
            "ACCOUNTS_URL": settings.accounts_url,
            "PUBLIC_URL": settings.public_url,
            "SERVICE_SECRET_FILE": str(settings.service_secret_file),
            "CLOCK_FILE": str(settings.clock_file),
        }
        app = commands(Terminal("rewards", service.settings))
        return await asyncio.to_thread(CliRunner().invoke, app, list(words), env=environment)

    async def load(self, file: Path = DEMO, tenant: str = "kontor", *options: str) -> str:
        loaded = await self.run("load", str(file), "--tenant", tenant, *options)
        assert loaded.exit_code == 0, loaded.output
        return loaded.output

    async def stock(self, tmp_path: Path, *codes: str) -> None:
        """Put codes into the pool of the restaurant's vouchers."""
        file = tmp_path / "codes.txt"
        file.write_text("\n".join(codes))
        done = await self.run(
            "codes", "import", str(file), "--reward", "restaurant-voucher", "--tenant", "kontor", "--take-unlike"
        )
        assert done.exit_code == 0, done.output

    async def events_of(self, member: str, event: type[Any], count: int) -> Sequence[Any]:
        """What was published of a member, exactly so many events."""
        await self.home.settled()
        events = [one for one in await self.home.published(event) if str(one.member) == member]
        assert len(events) == count
        return events


@pytest.fixture(scope="module")
async def stage(service_home: ServiceHome) -> AsyncGenerator[Stage]:
    async with service_home(service) as home:
        stage = Stage(home, home.clock.now())
        await stage.load()
        yield stage


@pytest.fixture(scope="module")
async def lenient(service_home: ServiceHome) -> AsyncGenerator[Stage]:
    """Where a reversal stays within the balance."""
    async with service_home(service, reversal_policy="within_balance") as home:
        stage = Stage(home, home.clock.now())
        await stage.load()
        yield stage
