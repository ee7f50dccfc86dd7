"""The same files fetched from delivery, which accounts for each download, and from nginx."""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from chassis_testing.accounts import key_server

from benchmarks.bench import Bench
from benchmarks.download.nginx import nginx
from benchmarks.download.stock import StoredFile, sell, upload
from benchmarks.home import Home, Program
from benchmarks.rounds import Better, Metric, Sample, Sides
from contracts import topics

MEBIBYTE, GIBIBYTE = 2**20, 2**30
SMALL, LARGE = "1 MiB", "1 GiB"
LINKS, SLOW_READERS, WARM = 2000, 200, 10
CLIENTS, SECONDS = 8, 4.0
SLOW_SECONDS = 8.0
Address = tuple[str, int]
Start = Callable[[], AbstractAsyncContextManager[Program]]


@dataclass(slots=True)
class Shelf:
    """A file, and the links to it that were sold."""

    stored: StoredFile
    links: list[str]

    def buttons(self) -> list[str]:
        """Return the address of each link that starts a download."""
        return [f"/d/{link}/files/{self.stored.id}" for link in self.links]


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start delivery with two files and many links to them, and nginx on the files that delivery has stored."""
    clock, files = home.path / "clock", home.path / "files"
    clock.write_text("0")
    names = [topic.name for topic in topics(["delivery"])]
    async with (
        home.topics(*names) as prefix,
        key_server(clock) as accounts,
        home.database("download") as database,
        nginx(home.path / "nginx", files) as address,
    ):

        def delivery() -> AbstractAsyncContextManager[Program]:
            settings = {"TOPIC_PREFIX": prefix, "ACCOUNTS_URL": accounts.url, "STORAGE_URL": f"file://{files}"}
            return home.service("delivery", database, seconds=60, **settings)

        async with delivery() as service:
            shelves = await _shelves(service.url, accounts.token(uuid4(), "files"), files, database, quick)
            await home.tidy(database)
            ours = partial(_ours, home, service, delivery, shelves, quick)
            yield Sides(ours, partial(_theirs, home, address, files, shelves, quick) if address is not None else None)


async def _shelves(url: str, token: str, files: Path, database: str, quick: bool) -> dict[str, Shelf]:
    """Upload both files, and create links to them."""
    shelves: dict[str, Shelf] = {}
    for name, size in {SMALL: MEBIBYTE, LARGE: GIBIBYTE // 16 if quick else GIBIBYTE}.items():
        sku = name.replace(" ", "-")
        shelves[name] = Shelf(await upload(url, token, files, sku, size), await sell(database, sku, LINKS))
    return shelves


async def _ours(home: Home, service: Program, another: Start, shelves: dict[str, Shelf], quick: bool) -> Sample:
    await home.settle()
    small = await _fetch(home, _address(service), CLIENTS, quick, links=shelves[SMALL].buttons())
    large = await _fetch(home, _address(service), 1, quick, links=shelves[LARGE].buttons())
    async with another() as fresh:
        slow = await _plan(
            home,
            "benchmarks.download.slow",
            _address(fresh),
            probes=_of(fresh.admin_url),
            links=shelves[LARGE].buttons()[: WARM + SLOW_READERS],
            warm=WARM,
            pid=fresh.process.pid,
            seconds=SLOW_SECONDS / (4 if quick else 1),
        )
    return _sample(small, large) | {"slow reader": slow["kb"], "livez p99": slow["livez_p99_ms"]}


def _address(service: Program) -> Address:
    return _of(service.url)


def _of(url: str) -> Address:
    at = urlsplit(url)
    return str(at.hostname), at.port or 0


async def _theirs(home: Home, address: Address, files: Path, shelves: dict[str, Shelf], quick: bool) -> Sample:
    await home.settle()
    paths = {name: f"/{shelf.stored.path.relative_to(files)}" for name, shelf in shelves.items()}
    small = await _fetch(home, address, CLIENTS, quick, path=paths[SMALL])
    return _sample(small, await _fetch(home, address, 1, quick, path=paths[LARGE]))


async def _fetch(
    home: Home, address: Address, clients: int, quick: bool, links: Sequence[str] = (), path: str = ""
) -> Any:
    seconds = SECONDS / 4 if quick else SECONDS
    return await _plan(home, "benchmarks.download", address, clients=clients, seconds=seconds, links=links, path=path)


async def _plan(home: Home, module: str, address: Address, **plan: Any) -> Any:
    file = home.path / "download.plan"
    file.write_text(json.dumps({"host": address[0], "port": address[1], **plan}))
    return await home.ask(module, str(file))


def _sample(small: dict[str, float], large: dict[str, float]) -> Sample:
    return {SMALL: small["files"], f"{SMALL} p50": small["p50_ms"], LARGE: large["mb"]}


DOWNLOAD = Bench(
    "download",
    "What does accounting cost a download, and a slow reader its service?",
    (
        Metric(SMALL, "files/s", Better.MORE, ratio=0.5),
        Metric(f"{SMALL} p50", "ms", Better.LESS),
        Metric(LARGE, "MB/s", Better.MORE, ratio=0.5),
        Metric("slow reader", "KB of memory", Better.LESS),
        Metric("livez p99", "ms beside 200 of them", Better.LESS, judged=False),
    ),
    compare,
)
