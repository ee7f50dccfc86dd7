import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.identity.sealing import new_master_key
from chassis.service import Terminal
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.event import Event
from contracts.orders import DeliveryReleased, OrderClosed, OrderPaid, OrderPlaced
from partners.__main__ import service
from partners.commands import commands
from typer.testing import CliRunner, Result

from contracts import partner_events

STORY = (OrderPlaced, OrderPaid, DeliveryReleased, OrderClosed)
# What is looked at; the service makes the rest, on a broker that has no authorizer.
TOPICS = {
    *(f"partner.nord.{topic}" for topic in (*partner_events(), "Test")),
    *(f"partner.{id_}.{kind.DECLARED.topic}" for id_ in ("sued", "west") for kind in STORY),
}
NOTHING_BEHIND = "select 1 from partners where replayed is not null"


@dataclass(frozen=True)
class Desk:
    """The service, and its operator's terminal."""

    home: Harness
    directory: Path
    app: Any
    environment: dict[str, str] = field(default_factory=dict[str, str])

    async def run(self, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, self.app, ["partner", *words], env=self.environment)

    async def open(self, id_: str, *channels: str, tenant: str = "kontor") -> Result:
        await self.home.open_tenants(tenant)
        done = await self.run("open", "--file", self.written(id_, *channels, tenant=tenant), "--json")
        await until(self._nothing_behind, timeout=20, what="the partner to have its topics")
        return done

    def written(self, id_: str, *channels: str, tenant: str = "kontor") -> str:
        """Return a partner's file."""
        file = self.directory / "partner.yaml"
        file.write_text(f"id: {id_}\ntenant: {tenant}\nchannels: [{', '.join(channels or ['east'])}]\n")
        return str(file)

    async def replay(self, id_: str, since: str = "2000-01-01T00:00:00Z") -> Result:
        return await self.run("replay", id_, "--since", since)

    async def sent(self, id_: str, *kinds: type[Event], order: UUID | None = None) -> list[dict[str, Any]]:
        """Return what a partner has been sent of these events, topic by topic, about this order."""
        await until(self._nothing_behind, what="the past to be sent")
        await self.home.settled()
        topics = [f"partner.{id_}.{kind.DECLARED.topic}" for kind in kinds]
        events = [json.loads(record.value) for topic in topics for record in self.home.log.get(topic, [])]
        return [event for event in events if order is None or event["data"]["order"] == str(order)]

    async def _nothing_behind(self) -> bool:
        return not await self.home.sql(NOTHING_BEHIND)


@pytest.fixture(scope="module")
async def desk(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Desk]:
    directory = tmp_path_factory.mktemp("partners")
    key = directory / "key"
    key.write_text(new_master_key())
    async with service_home(service, more_topics=TOPICS, partner_key_file=key) as home:
        settings = home.settings
        yield Desk(
            home,
            directory,
            commands(Terminal("partners", service.settings)),
            {
                "DATABASE_URL": settings.database_url,
                "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
                "ACCOUNTS_URL": settings.accounts_url,
                "PUBLIC_URL": settings.public_url,
                "SERVICE_SECRET_FILE": str(settings.service_secret_file),
                "CLOCK_FILE": str(home.clock_file),
                "PARTNER_KEY_FILE": str(key),
            },
        )


def example(kind: type[Event], **more: Any) -> Any:
    """Return an event's example, of another order or channel."""
    return kind.model_validate({**kind.EXAMPLE, **more})


@pytest.fixture
def order() -> UUID:
    return uuid4()
