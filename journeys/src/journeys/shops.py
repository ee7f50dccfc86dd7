"""A shop with the demo's assortment under any tenant, small files, serials in stock."""

import asyncio
from pathlib import Path
from typing import Any

import yaml

from journeys.seller import DATA, Shop
from journeys.suite import Suite, until

SERIALS, GENERATED, KEYLESS, BOXED = "VISTA-HP-ESD", "OFFICE-STD-ESD", "WORKS-9-ESD", "VISTA-HP-BOX"


def tenant_file(shop_home: Path, tenant: str) -> Path:
    """Write the demo's tenant file with another tenant's name; return its path."""
    content = yaml.safe_load((DATA / "tenant.yaml").read_text())
    content["tenant"] = tenant
    file = shop_home / f"tenant-{tenant}.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    return file


def shop_file(home: Path, model: str, port: int, **changed: Any) -> Path:
    """Write the file of a shop like `model`, for the storefront at a port of this machine; return its path."""
    content = yaml.safe_load((DATA / "shops" / f"{model}.yaml").read_text()) | changed
    content["hosts"] = [host.format(port=port) for host in content["hosts"]]
    file = home / f"shop-{content['shop']}.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    return file


async def stock_shop(shop: Shop) -> None:
    """Load the assortment, upload small files, import serials, and wait until all can be sold."""
    skus = [SERIALS, GENERATED, KEYLESS]
    await shop.suite.stack_run("catalog", "load", str(DATA / "assortment.yaml"), "--tenant", shop.tenant)
    hashes = await asyncio.gather(*(shop.seller.upload(sku, 200_000) for sku in skus))
    shop.hashes.update(zip(skus, hashes, strict=True))
    await shop.seller.import_serials(SERIALS, 60)
    await shop.ready_to_sell(skus)

    async def offered() -> bool:
        url = shop.suite.state.databases["orders"]
        return await offers(url, shop.tenant) >= len(skus)

    await until(offered, "orders to know the offers")


async def until_open(suite: Suite, tenant: str) -> None:
    """Wait until every service knows that the tenant was opened."""
    for service, url in suite.state.databases.items():

        async def known(url: str = url) -> bool:
            return await _ask(url, "select exists (select 1 from chassis.tenants where id = $1)", tenant)

        await until(known, f"{service} to know the tenant {tenant}")


async def offers(url: str, tenant: str) -> int:
    """Return how many offers orders has of a tenant."""
    return await _ask(url, "select count(*) from offers where tenant = $1", tenant)


async def _ask(url: str, query: str, tenant: str) -> Any:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query, tenant)
    finally:
        await connection.close()
