"""Pages of other origins may call a service where they are named, and nowhere else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from chassis.web.origins import admit

SHOP, OTHER = "https://shop.example", "https://shop.example.evil.example"
Client = TestClient[web.Request, web.Application]


async def greet(_: web.Request) -> web.Response:
    return web.Response(text="here")


async def refuse(_: web.Request) -> web.Response:
    raise web.HTTPForbidden


@asynccontextmanager
async def serving(*origins: str) -> AsyncGenerator[Client]:
    app = web.Application()
    app.router.add_get("/x", greet)
    app.router.add_put("/x", refuse)
    admit(app, frozenset(origins))
    async with TestClient(TestServer(app)) as client:
        yield client


def asks(origin: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}


async def test_a_named_origin_is_told_what_it_may_and_reads_every_answer():
    async with serving(SHOP, "http://localhost:3000") as client:
        told = await client.options("/x", headers=asks(SHOP))
        assert told.status == 204
        assert told.headers["Access-Control-Allow-Origin"] == SHOP
        assert told.headers["Access-Control-Allow-Methods"] == "GET, HEAD, PUT"
        for name in ("Authorization", "Content-Type", "Idempotency-Key"):
            assert name in told.headers["Access-Control-Allow-Headers"]
        for method, path, status in (("GET", "/x", 200), ("PUT", "/x", 403), ("GET", "/nowhere", 404)):
            answer = await client.request(method, path, headers={"Origin": SHOP})
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, SHOP)
            assert "Location" in answer.headers["Access-Control-Expose-Headers"]
            assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", [OTHER, "null", "http://shop.example", "https://SHOP.example", "*", ""])
async def test_no_other_origin_is_told_anything(origin: str):
    async with serving(SHOP) as client:
        for answer in (
            await client.options("/x", headers=asks(origin)),
            await client.get("/x", headers={"Origin": origin}),
        ):
            assert not [name for name in answer.headers if name.startswith("Access-Control-")]
            assert answer.headers["Vary"] == "Origin"


async def test_credentials_are_never_asked_for_and_unknown_addresses_have_no_preflight():
    async with serving(SHOP) as client:
        for answer in (
            await client.options("/x", headers=asks(SHOP)),
            await client.get("/x", headers={"Origin": SHOP, "Cookie": "a=b"}),
        ):
            assert "Access-Control-Allow-Credentials" not in answer.headers
        assert (await client.options("/nowhere", headers=asks(SHOP))).status == 404
        assert (await client.options("/x", headers={"Origin": SHOP})).status == 405


async def test_without_a_setting_no_origin_is_told_anything():
    async with serving() as client:
        told = await client.options("/x", headers=asks(SHOP))
        assert told.status == 405
        assert not [name for name in told.headers if name.startswith("Access-Control-") or name == "Vary"]
