"""The references by hand still answer as the services do; the services change, and nothing else asks both."""

import asyncio
import os
import secrets
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from benchmarks.catalogue import bare as catalogue
from benchmarks.catalogue import comparison as of_catalogue
from benchmarks.catalogue.assortment import assortment
from benchmarks.licence import bare as licence
from benchmarks.licence import comparison as of_licence
from benchmarks.licence import stock
from benchmarks.order import bare as order
from benchmarks.order import comparison as of_order
from benchmarks.order.shop import MANY, opened, orders
from benchmarks.reference import Pool
from benchmarks.statement import bare as statement
from benchmarks.statement.file import write
from catalog.__main__ import service as catalog
from chassis_testing import Harness, databases
from chassis_testing.fixtures import ServiceHome
from chassis_testing.stack import Infrastructure
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from licensing.__main__ import service as licensing
from licensing.usecases.vault import Vault
from orders.__main__ import service as orders_service
from payments.__main__ import service as payments

KEYS = 100
# so many that a second page of the list begins
PRODUCTS = of_catalogue.PAGE + 1
# the tenant, and the products that the first two orders are of
SHOP = 10
ENTRIES = 4


@asynccontextmanager
async def by_hand(routes: Callable[[web.Application, Pool], None], database: str) -> AsyncGenerator[str]:
    """Serve a reference on a database, and give its address."""
    app = web.Application()
    async with asyncpg.create_pool(database, min_size=0, max_size=2) as pool:
        routes(app, pool)
        async with TestServer(app) as server:
            yield str(server.make_url("")).rstrip("/")


async def test_an_order_by_hand_is_answered_as_by_orders(service_home: ServiceHome, monkeypatch: pytest.MonkeyPatch):
    async with service_home(orders_service, orders_per_minute=int(MANY), unpaid_orders_per_day=int(MANY)) as home:
        monkeypatch.setenv("JWKS", f"{home.accounts.url}/.well-known/jwks.json")
        await home.publish(*opened(home.accounts)[:SHOP])
        await home.settled()
        async with by_hand(order.routes, home.database_url) as bare:
            await of_order.compare_answers(home.base_url, bare, orders(home.accounts)[:2])


async def test_a_key_by_hand_gets_the_verdict_of_licensing(
    service_home: ServiceHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "license-key"
    file.write_text(urlsafe_b64encode(secrets.token_bytes(32)).decode())
    monkeypatch.setenv("LICENSE_KEY_FILE", str(file))
    limits = {"validations_per_minute": 100_000, "validations_per_minute_in_total": 100_000}
    async with service_home(licensing, license_key_file=file, **limits) as home:
        keys = stock.keys(Vault.from_file(file), KEYS)
        await stock.store(home.database_url, keys)
        async with by_hand(licence.routes, home.database_url) as bare:
            for url in (home.base_url, bare):
                await of_licence.check(url, stock.mixed(keys, len(stock.MIX)))


async def test_products_by_hand_are_those_of_catalog(service_home: ServiceHome, tmp_path: Path):
    async with service_home(catalog, storage_url=f"file://{tmp_path}") as home:
        await home.open_tenants("kontor")
        file = tmp_path / "assortment.yaml"
        file.write_text(assortment(PRODUCTS))
        await load(home, file)
        async with by_hand(catalogue.routes, home.database_url) as bare:
            paths = await of_catalogue.addresses(home.base_url, PRODUCTS)
            asked = [*paths[of_catalogue.LIST][:2], *paths[of_catalogue.ONE][:2]]
            await of_catalogue.compare_answers(home.base_url, bare, asked)


async def test_a_statement_by_hand_pays_orders_in_the_tables_of_payments(
    infrastructure: Infrastructure, monkeypatch: pytest.MonkeyPatch
):
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    monkeypatch.setenv("RECORDS_KEY", b64encode(public).decode())
    async with databases.fresh(infrastructure.postgres, payments) as database:
        file = await write(database, ENTRIES)
        async with (
            by_hand(statement.add_routes, database) as bare,
            aiohttp.ClientSession(bare) as http,
            http.post("/statements", data=file.content) as answer,
        ):
            assert await answer.json() == {"entries": ENTRIES, "matched": file.matched}
        connection = await asyncpg.connect(database)
        try:
            assert await connection.fetchval("select count(covered_by) from units") == file.matched
        finally:
            await connection.close()


async def load(home: Harness, file: Path) -> None:
    """Load an assortment by the operator's command."""
    settings = home.settings
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "ACCOUNTS_URL": settings.accounts_url,
        "PUBLIC_URL": settings.public_url,
        "SERVICE_SECRET_FILE": str(settings.service_secret_file),
    }
    words = (sys.executable, "-m", "catalog", "load", str(file), "--tenant", "kontor")
    process = await asyncio.create_subprocess_exec(*words, env=environment)
    assert await process.wait() == 0
