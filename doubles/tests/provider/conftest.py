"""Start a provider and a shop for each test."""

from collections.abc import AsyncIterator, Collection
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from doubles.provider.__main__ import build

from .house import KEY, SECRET, House, Shop, Start, client


@pytest.fixture
async def shop() -> AsyncIterator[tuple[Shop, str]]:
    mine = Shop()
    app = web.Application()
    app.router.add_post("/hook", mine.take)
    async with TestServer(app) as server:
        yield mine, str(server.make_url("/hook"))


@pytest.fixture
async def start(shop: tuple[Shop, str]) -> AsyncIterator[Start]:
    running: list[tuple[TestServer, httpx.AsyncClient]] = []

    async def run(state: Path | None = None, enabled_events: Collection[str] = ()) -> House:
        for server, _ in running:
            await server.close()
        server = TestServer(build(KEY, shop[1], SECRET, state, enabled_events=enabled_events))
        await server.start_server()
        url = str(server.make_url("")).rstrip("/")
        http = httpx.AsyncClient(base_url=url, timeout=10)
        running.append((server, http))
        return House(url, client(url), http, shop[0])

    yield run
    for server, http in running:
        await http.aclose()
        await server.close()


@pytest.fixture
async def house(start: Start) -> House:
    return await start(None)
