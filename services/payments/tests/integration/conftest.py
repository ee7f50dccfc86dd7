import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from chassis_testing.fixtures import ServiceHome
from doubles.provider.__main__ import build
from payments.__main__ import service

from .house import KEY, OLD_SECRET, SECRET, House


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@pytest.fixture(scope="package")
async def home(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """Payments beside a real provider that knows its address."""
    directory: Path = tmp_path_factory.mktemp("provider")
    (directory / "key").write_text(KEY)
    (directory / "secrets").write_text(f"{SECRET}\n{OLD_SECRET}\n")
    port = free_port()
    provider = web.AppRunner(
        build(KEY, f"http://127.0.0.1:{port}/webhooks/provider", SECRET), access_log=None, shutdown_timeout=0.1
    )
    await provider.setup()
    site = web.TCPSite(provider, "127.0.0.1", 0)
    await site.start()
    host, provider_port = provider.addresses[0][:2]
    url = f"http://{host}:{provider_port}"
    settings = {
        "http_port": port,
        "provider_url": url,
        "provider_api_key_file": directory / "key",
        "provider_webhook_secret_file": directory / "secrets",
        "provider_methods": "card,sepa_debit",
        "storefront_url": "https://shop.example",
    }
    try:
        async with service_home(service, **settings) as harness, aiohttp.ClientSession(url) as provider_http:
            made = House(harness, provider_http)
            await made.open_tenant()
            yield made
    finally:
        await provider.cleanup()


@pytest.fixture
async def house(home: House) -> AsyncGenerator[House]:
    """The same for every test, with a provider in good health."""
    yield home
    await home.control("reset")
