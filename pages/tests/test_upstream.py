"""How the services are asked."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from chassis.web import Problem
from pages.upstream import Upstream
from pages.visit import Visit

VISIT = Visit("secret", False, "de", "192.0.2.7", "/")


def test_whoever_trusts_so_many_proxies_is_told_the_visitors_address():
    for proxies, named in ((0, "192.0.2.7"), (1, "192.0.2.7"), (2, "192.0.2.7, 192.0.2.7")):
        upstream: Any = Upstream({}, trusted_proxies=proxies)
        headers = upstream._headers(VISIT, None)
        assert headers["X-Forwarded-For"] == named
        assert "Authorization" not in headers


class Elsewhere:
    """A service of somebody else's, which answers as it is told, and keeps what it was sent."""

    def __init__(self) -> None:
        self.busy = 0
        self.keys: list[str] = []
        self.whole: list[bytes] = []

    async def create(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers["Idempotency-Key"])
        if self.busy:
            self.busy -= 1
            return web.json_response({"type": "/problems/in-flight", "title": "x"}, status=409)
        return web.json_response({"id": 7}, status=201)

    async def take(self, request: web.Request) -> web.Response:
        self.whole.append(await request.read())
        return web.json_response({"taken": True})


@pytest.fixture
async def elsewhere() -> AsyncGenerator[tuple[Elsewhere, Upstream]]:
    service, app = Elsewhere(), web.Application()
    app.router.add_post("/things", service.create)
    app.router.add_put("/files/a", service.take)
    async with TestServer(app) as server, Upstream({"delivery": str(server.make_url(""))}) as upstream:
        yield service, upstream


async def test_whoever_presses_twice_is_shown_what_the_first_press_did(elsewhere: tuple[Elsewhere, Upstream]):
    service, upstream = elsewhere
    service.busy = 3
    assert await upstream.post(VISIT, "delivery", "/things", {}, key="k") == {"id": 7}
    assert service.keys == ["k"] * 4


async def test_a_torn_body_is_its_senders_fault_and_is_not_taken(elsewhere: tuple[Elsewhere, Upstream]):
    service, upstream = elsewhere

    async def torn() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.sleep(0.05)
        raise Problem(400, "malformed", "The form cannot be read.")

    async def whole() -> AsyncIterator[bytes]:
        yield b"whole"

    with pytest.raises(Problem) as refused:
        await upstream.send(VISIT, "delivery", "PUT", "/files/a", torn(), "text/plain")
    assert (refused.value.status, refused.value.kind) == (400, "malformed")
    assert await upstream.send(VISIT, "delivery", "PUT", "/files/a", whole(), "text/plain") == {"taken": True}
    assert service.whole == [b"whole"]


async def test_a_service_that_is_away_is_told_apart_from_a_torn_body():
    async with Upstream({"delivery": "http://127.0.0.1:9"}) as upstream:
        with pytest.raises(Problem) as refused:
            await upstream.send(VISIT, "delivery", "PUT", "/files/a", b"x", "text/plain")
    assert refused.value.status == 503
