import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest
from catalog.__main__ import service
from catalog.commands import commands
from chassis.service import Terminal
from chassis.testing import Harness
from chassis.testing.fixtures import ServiceHome
from typer.testing import CliRunner, Result

Load = Callable[..., Awaitable[Result]]


@pytest.fixture(scope="module")
async def catalog(service_home: ServiceHome) -> AsyncGenerator[Harness]:
    async with service_home(service) as harness:
        yield harness


@pytest.fixture(scope="module")
def assortment(request: pytest.FixtureRequest) -> str:
    return (request.config.rootpath / "deploy" / "local" / "data" / "assortment.yaml").read_text()


@pytest.fixture(scope="module")
def load(catalog: Harness, tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Loads a text through the operator's command, each time into the tenant that is named."""
    directory = tmp_path_factory.mktemp("assortments")
    settings = catalog.settings
    environment = {
        "DATABASE_URL": settings.database_url,
        "KAFKA": settings.kafka,
        "ACCOUNTS_URL": settings.accounts_url,
        "PUBLIC_URL": settings.public_url,
        "SERVICE_SECRET_FILE": str(settings.service_secret_file),
        "CLOCK_FILE": str(catalog.clock_file),
    }
    app = commands(Terminal("catalog", service.settings))

    async def run(text: str | bytes, *options: str, tenant: str = "kontor") -> Result:
        file: Path = directory / "assortment.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        arguments = [str(file), "--tenant", tenant, *options]
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)

    return run
