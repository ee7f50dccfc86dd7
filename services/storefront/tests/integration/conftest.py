import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from chassis.service import Terminal
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from storefront.__main__ import service
from storefront.commands.shop import commands
from typer.testing import CliRunner, Result

Shop = Callable[..., Awaitable[Result]]
AWAY = ("accounts", "catalog", "orders", "payments", "delivery", "licensing", "letters", "mail_relay", "rewards")


@pytest.fixture(scope="module")
async def front(service_home: ServiceHome) -> AsyncGenerator[Harness]:
    """The shop's pages, beside services that do not answer."""
    away = {f"{service}_url": "http://127.0.0.1:9" for service in AWAY if service != "accounts"}
    async with service_home(service, **away) as home:
        yield home


@pytest.fixture(scope="module")
def shop(front: Harness, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Runs the operator's command `shop`; a file is written from the text that is given as `text`."""
    directory = tmp_path_factory.mktemp("shops")
    settings = front.settings
    environment = {
        "DATABASE_URL": settings.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "ACCOUNTS_URL": settings.accounts_url,
        "PUBLIC_URL": settings.public_url,
        "SERVICE_SECRET_FILE": str(settings.service_secret_file),
        "CLOCK_FILE": str(front.clock_file),
    } | {f"{service.upper()}_URL": "http://127.0.0.1:9" for service in AWAY if service != "accounts"}
    app = commands(Terminal("storefront", service.settings))

    async def run(*words: str, text: str = "") -> Result:
        def invoke() -> Result:
            file = directory / "shop.yaml"
            file.write_text(text)
            given = ["--file", str(file)] if text else []
            return CliRunner().invoke(app, ["shop", *words, *given], env=environment)

        return await asyncio.to_thread(invoke)

    return run
