"""What a shop sells, as pages of the storefront, and as the JSON that they are made of."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import aiohttp

from benchmarks.bench import Bench
from benchmarks.catalogue.assortment import PRODUCTS, assortment
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.load import Door, Request, door_metrics, measure_door
from benchmarks.rounds import Sample, Sides
from contracts import topics

LIST, ONE = "list: ", "product: "
# as many families as the shop shows at once; here each has one product
ON_A_PAGE = 48
QUERY = "tenant=kontor&channel=direct"
SHOP = """
insert into shops (id, tenant, channel, state, brand)
values ('kontor', 'kontor', 'direct', 'open', '{"name": "Kontor", "color": "#1d4ed8"}')
"""
HOST = "insert into hosts (host, shop_id, rank) values ('localhost', 'kontor', 1)"
ASKED = ("CATALOG_URL", "ORDERS_URL", "PAYMENTS_URL")


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start catalog, which the operator's command has filled, and a storefront that shows it."""
    async with (
        catalogue(home, "window") as (catalog, prefix),
        shop(home) as shops,
        storefront(home, shops, prefix, catalog.url) as front,
    ):
        products = await _products(catalog.url)
        pages = {LIST: ["/"], ONE: [f"/products/{product}" for product in products]}
        lists = {LIST: [f"/products?{QUERY}&limit={ON_A_PAGE}"], ONE: [f"{path}?{QUERY}" for path in pages[ONE]]}
        yield Sides(partial(_measure, home, front, pages, quick), partial(_measure, home, catalog, lists, quick))


@asynccontextmanager
async def catalogue(home: Home, name: str) -> AsyncGenerator[tuple[Program, str]]:
    """Run a catalog that the operator's command has filled; give it with the prefix of its topics."""
    file = home.path / "assortment.yaml"
    file.write_text(assortment())
    names = [topic.name for topic in topics(["catalog", "storefront"])]
    async with home.topics(*names) as prefix, home.database(f"{name}-catalog") as filled:
        settings = home.settings(filled)
        await home.run("catalog", "migrate", **settings)
        await home.execute(filled, "insert into chassis.tenants values ('kontor')")
        await home.run("catalog", "load", str(file), "--tenant", "kontor", **settings)
        await home.tidy(filled)
        async with home.service("catalog", filled, TOPIC_PREFIX=prefix) as catalog:
            yield catalog, prefix


@asynccontextmanager
async def shop(home: Home) -> AsyncGenerator[str]:
    """Give the database of a storefront with one shop, whatever port it is at (the host is `localhost`)."""
    async with home.database("shops") as shops:
        await home.run("storefront", "migrate", **home.settings(shops), **dict.fromkeys(ASKED, "http://127.0.0.1:9"))
        await home.execute(shops, SHOP)
        await home.execute(shops, HOST)
        yield shops


def storefront(home: Home, database: str, prefix: str, catalog: str) -> AbstractAsyncContextManager[Program]:
    """Run a storefront; nobody orders there, and what has no address would not start."""
    asked = dict.fromkeys(ASKED, catalog)
    return home.service("storefront", database, seconds=60, TOPIC_PREFIX=prefix, HTTP_IN_CLEAR="true", **asked)


async def _measure(home: Home, program: Program, paths: dict[str, list[str]], quick: bool) -> Sample:
    sample: Sample = {}
    for what, wanted in paths.items():
        requests = [Request("GET", path, (("Accept-Language", "en"),)) for path in wanted]
        sample |= await measure_door(home, Door.of(home, "window", program, requests), quick, what)
    return sample


async def _products(url: str) -> list[str]:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/products?{QUERY}&limit=200") as answer:
        found = [item["product"] for item in (await answer.json())["items"]]
    if len(found) != PRODUCTS:
        raise ProgramFailed(f"{len(found)} of {PRODUCTS} products are on the list")
    return found


WINDOW = Bench(
    "window",
    f"What does a page of {ON_A_PAGE} of {PRODUCTS} products cost, and one of a product, beside their JSON?",
    (*door_metrics(0.5, LIST), *door_metrics(0.15, ONE)),
    compare,
)
