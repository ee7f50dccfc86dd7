"""200 people browse in a shop on this machine, and in the same pages kept in memory.

The same on both sides: who does what and when, the pages and their sizes, the number of processes, one for each
processor, and the load generator, a process of its own. The reference asks nobody and writes nothing: its waiting
times are those of the machine, of the event loop, and of the load generator.
"""

import json
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from urllib.parse import unquote

import aiohttp

from benchmarks.bench import Bench
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.reference import reference
from benchmarks.rounds import Better, Metric, Sample, Sides
from benchmarks.visitors.__main__ import HEADERS, LINK, ONWARD
from benchmarks.window.comparison import catalogue, shop, storefront

PEOPLE, QUICK_PEOPLE = 200, 50
SECONDS, QUICK_SECONDS = 60.0, 12.0
# with a greater share of a processor, the load generator itself may be the limit
BUSIEST = 0.8
# a page of a shop may take as long, at the 95th percentile, where 200 people browse on two processors (issue 13)
WANTED_MS = 150


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start a catalog, a storefront for each processor that shows it, and as many servers of the same pages."""
    processes = range(os.cpu_count() or 1)
    async with catalogue(home, "visitors") as (catalog, prefix), shop(home) as shops, AsyncExitStack() as opened:
        ours = [await opened.enter_async_context(storefront(home, shops, prefix, catalog.url)) for _ in processes]
        pages = home.path / "visitors.pages"
        pages.write_text(json.dumps(await _pages(ours[0].url)))
        bare = partial(reference, home, "benchmarks.visitors.bare", shops, PAGES=str(pages))
        theirs = [await opened.enter_async_context(bare()) for _ in processes]
        yield Sides(partial(_measure, home, quick, ours), partial(_measure, home, quick, theirs))


async def _measure(home: Home, quick: bool, programs: Sequence[Program]) -> Sample:
    await home.settle()
    before = sum(program.cpu_seconds for program in programs)
    people, seconds = (QUICK_PEOPLE, QUICK_SECONDS) if quick else (PEOPLE, SECONDS)
    found = await home.ask("benchmarks.visitors", str(people), str(seconds), *(program.url for program in programs))
    if found["refused"]:
        raise ProgramFailed(f"{programs[0].name} answered {found['refused']}")
    if found["busy"] > BUSIEST:
        raise ProgramFailed(f"the load generator was busy for {found['busy']:.0%} of the time")
    took = (sum(program.cpu_seconds for program in programs) - before) * 1000
    return {
        "page p50": found["p50_ms"],
        "page p95": found["p95_ms"],
        "page p99": found["p99_ms"],
        "pages": found["per_second"],
        "cpu": took / max(1.0, found["per_second"] * seconds),
    }


async def _pages(url: str) -> dict[str, str]:
    """Return every page that the list leads to, and the cart, by their paths."""
    pages: dict[str, str] = {}
    async with aiohttp.ClientSession(headers=HEADERS) as http:
        waiting = ["/", "/cart"]
        while waiting:
            path = waiting.pop()
            async with http.get(url + path) as answer:
                text = await answer.text()
                if answer.status != 200:
                    raise ProgramFailed(f"{path} answered {answer.status}")
            pages[path] = text
            links: list[str] = [*LINK.findall(text), *ONWARD.findall(text)]
            further = {unquote(link.partition("?")[0]) for link in links}
            waiting += sorted(further - pages.keys() - set(waiting))
    return pages


VISITORS = Bench(
    "visitors",
    f"How long do {PEOPLE} visitors wait for pages (wanted: p95 <= {WANTED_MS} ms), beside pages at hand?",
    (
        Metric("page p50", "ms", Better.LESS),
        Metric("page p95", "ms", Better.LESS),
        Metric("page p99", "ms", Better.LESS, judged=False),
        Metric("pages", "pages/s", Better.MORE, judged=False),
        Metric("cpu", "ms a page", Better.LESS),
    ),
    compare,
)
