import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from catalog.__main__ import service
from catalog.commands import commands
from chassis.service import Terminal
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.catalog import ProductWithdrawn
from contracts.event import Event
from contracts.wire import decode
from typer.testing import CliRunner, Result

Load = Callable[..., Awaitable[Result]]
Events = Callable[..., Awaitable[list[Any]]]
# an empty list would count as "not yet"
END: Any = ProductWithdrawn.model_validate(ProductWithdrawn.EXAMPLE)


@pytest.fixture(scope="module")
async def catalog(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    store = tmp_path_factory.mktemp("pictures")
    async with service_home(service, storage_url=f"file://{store}") as harness:
        yield harness


@pytest.fixture(scope="module")
def assortment(request: pytest.FixtureRequest) -> str:
    return (request.config.rootpath / "local" / "data" / "assortment.yaml").read_text()


@pytest.fixture(scope="module")
def load(catalog: Harness, tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Loads a text through the operator's command, each time into the tenant that is named, which is opened first."""
    directory = tmp_path_factory.mktemp("assortments")
    settings = catalog.settings
    environment = {
        "DATABASE_URL": settings.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "ACCOUNTS_URL": settings.accounts_url,
        "PUBLIC_URL": settings.public_url,
        "SERVICE_SECRET_FILE": str(settings.service_secret_file),
        "CLOCK_FILE": str(catalog.clock_file),
    }
    app = commands(Terminal("catalog", service.settings))

    async def run(text: str | bytes, *options: str, tenant: str = "kontor", opened: bool = True) -> Result:
        def invoke() -> Result:
            file = directory / "assortment.yaml"
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            return CliRunner().invoke(app, [str(file), "--tenant", tenant, *options], env=environment)

        if opened:
            await catalog.open_tenants(tenant)
        return await asyncio.to_thread(invoke)

    return run


@pytest.fixture(scope="module")
def events_of(catalog: Harness) -> Events:
    """The events of a tenant in their order, once everything has left the outbox."""

    async def of(kind: type[Event], tenant: str, *, at_least: int = 0) -> list[Any]:
        async def enough() -> list[Event] | None:
            records = catalog.log.get(kind.DECLARED.topic, [])
            events = [decode(kind.DECLARED.topic, record.value) for record in records]
            found = [event for event in events if event.tenant == tenant]
            return [*found, END] if len(found) >= at_least else None

        await catalog.settled()
        return (await until(enough, timeout=40, what=f"{at_least} {kind.__name__} of {tenant}"))[:-1]

    return of


@pytest.fixture
def sales(catalog: Harness) -> Callable[..., dict[str, str]]:
    """The headers of somebody of a tenant's sales staff, or of another role."""

    def headers(tenant: str = "kontor", role: str = "sales", **more: str) -> dict[str, str]:
        token = catalog.accounts.token(uuid4(), role, tenant=tenant)
        return catalog.bearer(token, **{"Idempotency-Key": uuid4().hex, **more})

    return headers
