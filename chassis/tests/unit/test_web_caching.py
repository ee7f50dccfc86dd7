"""What anybody may keep has an ETag and a time; who has it already gets a head alone."""

from collections.abc import AsyncGenerator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from chassis.identity.tokens import Caller
from chassis.web import Routes, View
from chassis.web.caching import kept

Client = TestClient[web.Request, web.Application]


async def price(request: web.Request) -> web.Response:
    return kept(request, web.json_response({"amount": request.query["amount"]}), 60)


async def missing(request: web.Request) -> web.Response:
    return kept(request, web.json_response({}, status=404), 60)


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    app = web.Application()
    app.router.add_get("/price", price)
    app.router.add_get("/missing", missing)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_who_has_an_answer_gets_it_again_only_when_it_changes(client: Client):
    first = await client.get("/price?amount=1")
    tag = first.headers["ETag"]
    assert (first.status, first.headers["Cache-Control"]) == (200, "public, max-age=60")
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = await client.get("/price?amount=1", headers={"If-None-Match": known})
        assert (same.status, await same.read(), same.headers["ETag"]) == (304, b"", tag)
        assert same.headers["Cache-Control"] == "public, max-age=60"
    for known in ('"other"', tag.strip('"'), ""):
        assert (await client.get("/price?amount=1", headers={"If-None-Match": known})).status == 200
    changed = await client.get("/price?amount=2", headers={"If-None-Match": tag})
    assert (changed.status, changed.headers["ETag"] == tag) == (200, False)


async def test_a_refusal_is_not_kept(client: Client):
    assert "ETag" not in (await client.get("/missing")).headers


def test_what_a_caller_alone_may_see_cannot_be_kept():
    async def mine(caller: Caller) -> View:
        return View()

    with pytest.raises(TypeError, match="nobody else may keep"):
        Routes().get("/mine", kept_seconds=60)(mine)
