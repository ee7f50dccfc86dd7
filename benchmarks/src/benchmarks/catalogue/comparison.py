"""The same assortment served by catalog, and by handlers written by hand."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp

from benchmarks.bench import Bench
from benchmarks.catalogue.assortment import PRODUCTS, assortment
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.load import Door, Request, door_metrics, measure_door
from benchmarks.reference import reference
from benchmarks.rounds import Sample, Sides
from contracts import topics

LIST, ONE = "list: ", "product: "
PAGE = 20
QUERY = "tenant=kontor&channel=direct"


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start both on copies of one database, which the operator's command has filled."""
    file = home.path / "assortment.yaml"
    file.write_text(assortment())
    names = [topic.name for topic in topics(["catalog"])]
    async with (
        home.topics(*names) as prefix,
        home.database("catalogue") as filled,
    ):
        settings = home.settings(filled)
        await home.run("catalog", "migrate", **settings)
        await home.execute(filled, "insert into chassis.tenants values ('kontor')")
        await home.run("catalog", "load", str(file), "--tenant", "kontor", **settings)
        await home.tidy(filled)
        async with (
            home.database("catalogue-ours", like=filled) as ours,
            home.database("catalogue-bare", like=filled) as theirs,
            home.service("catalog", ours, TOPIC_PREFIX=prefix) as service,
            reference(home, "benchmarks.catalogue.bare", theirs) as bare,
        ):
            paths = await addresses(service.url)
            await compare_answers(service.url, bare.url, [*paths[LIST], *paths[ONE]])
            our, their = [partial(_measure, home, program, paths, quick) for program in (service, bare)]
            yield Sides(our, their)


async def _measure(home: Home, program: Program, paths: dict[str, list[str]], quick: bool) -> Sample:
    sample: Sample = {}
    for what, wanted in paths.items():
        door = Door.of(home, "catalogue", program, [Request("GET", path) for path in wanted])
        sample |= await measure_door(home, door, quick, what)
    return sample


async def addresses(url: str, count: int = PRODUCTS) -> dict[str, list[str]]:
    """Return the paths of all pages of the list, and of all products."""
    lists, products, cursor = list[str](), list[str](), ""
    async with aiohttp.ClientSession() as http:
        while True:
            path = f"/products?{QUERY}&limit={PAGE}{cursor}"
            async with http.get(url + path) as answer:
                page: dict[str, Any] = await answer.json()
            lists.append(path)
            products += [item["product"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
    if len(products) != count:
        raise ProgramFailed(f"{len(products)} of {count} products are on the list")
    return {LIST: lists, ONE: [f"/products/{product}?{QUERY}" for product in products]}


async def compare_answers(ours: str, theirs: str, paths: list[str]) -> None:
    """Compare the answers. Raises ProgramFailed."""
    async with aiohttp.ClientSession() as http:
        for path in paths:
            async with http.get(ours + path) as mine, http.get(theirs + path) as other:
                if await mine.json() != await other.json():
                    raise ProgramFailed(f"the reference answers {path} otherwise")


CATALOGUE = Bench(
    "catalogue",
    f"What does the chassis cost a list of {PAGE} products, and one product?",
    (*door_metrics(0.5, LIST), *door_metrics(0.5, ONE)),
    compare,
)
