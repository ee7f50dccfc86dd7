"""A shop with the demo's assortment under any tenant, small files, serials in stock."""

import asyncio
from pathlib import Path

import yaml

from journeys.seller import DATA, Shop
from journeys.suite import until

SERIALS, GENERATED, KEYLESS, BOXED = "VISTA-HP-ESD", "OFFICE-STD-ESD", "WORKS-9-ESD", "VISTA-HP-BOX"


def tenant_file(shop_home: Path, tenant: str) -> Path:
    """Write the demo's tenant file with another tenant's name; return its path."""
    content = yaml.safe_load((DATA / "tenant.yaml").read_text())
    content["tenant"] = tenant
    file = shop_home / f"tenant-{tenant}.yaml"
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


async def offers(url: str, tenant: str) -> int:
    """Return how many offers orders has of a tenant."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("select count(*) from offers where tenant = $1", tenant)
    finally:
        await connection.close()
