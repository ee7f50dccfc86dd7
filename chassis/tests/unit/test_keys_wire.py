"""What services ask accounts for: keys and tokens, over HTTP."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from chassis.identity.accounts import ServiceIdentity, fetch_jwks, remote_fetch
from chassis.identity.keys import ERASED, KeysUnavailable
from chassis.identity.tokens import IdentityUnavailable


class Accounts:
    """The wire of accounts: hands out tokens and keys as told, and remembers what was asked."""

    def __init__(self) -> None:
        self.answer: Any = {"keys": []}
        self.status = 200
        self.delay = 0.0
        self.tokens = 0
        self.valid = "token-1"
        self.expires_in: Any = 300
        self.asked: list[Any] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/service-token", self.token)
        app.router.add_post("/subject-keys", self.keys)
        app.router.add_get("/.well-known/jwks.json", self.jwks)
        return app

    async def token(self, request: web.Request) -> web.Response:
        if await request.json() != {"service": "delivery", "secret": "s"}:
            return web.json_response({}, status=401)
        self.tokens += 1
        return web.json_response({"access_token": f"token-{self.tokens}", "expires_in": self.expires_in})

    async def keys(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        await asyncio.sleep(self.delay)
        if request.headers["Authorization"] != f"Bearer {self.valid}":
            return web.json_response({}, status=401)
        text = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        return web.Response(text=text, status=self.status, content_type="application/json")

    async def jwks(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": []}, status=self.status)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
async def url(accounts: Accounts) -> AsyncIterator[str]:
    async with TestServer(accounts.app()) as server:
        yield str(server.make_url("/"))


@pytest.fixture
def identity(url: str, session: aiohttp.ClientSession) -> ServiceIdentity:
    return ServiceIdentity(url, "delivery", ["s"], session)


async def test_keys_come_over_the_wire_for_one_purpose(
    accounts: Accounts, url: str, session: aiohttp.ClientSession, identity: ServiceIdentity
):
    alive, gone, absent, unasked = uuid4(), uuid4(), uuid4(), uuid4()
    private = bytes(range(224, 256))
    accounts.answer = {
        "keys": [
            {"key": str(alive), "private": base64.urlsafe_b64encode(private).decode()},
            {"key": str(gone), "erased": True},
            {"key": str(unasked), "erased": True},
        ]
    }
    got = await remote_fetch(session, url, identity, "letters")([alive, gone, absent])
    assert got == {alive: private, gone: ERASED}
    assert accounts.asked == [{"purpose": "letters", "keys": [str(alive), str(gone), str(absent)]}]


@pytest.mark.parametrize("entry", [{}, {"erased": False}, {"erased": 1}, {"erased": "true"}, {"private": None}])
async def test_only_erased_true_means_erased(
    accounts: Accounts, url: str, session: aiohttp.ClientSession, identity: ServiceIdentity, entry: dict[str, Any]
):
    key = uuid4()
    accounts.answer = {"keys": [{"key": str(key), **entry}]}
    assert await remote_fetch(session, url, identity, "letters")([key]) == {}


@pytest.mark.parametrize("status", [301, 400, 403, 404, 410, 500, 503])
async def test_a_refusal_or_failure_is_unavailable(
    accounts: Accounts, url: str, session: aiohttp.ClientSession, identity: ServiceIdentity, status: int
):
    key = uuid4()
    accounts.status, accounts.answer = status, {"keys": [{"key": str(key), "erased": True}]}
    with pytest.raises(KeysUnavailable):
        await remote_fetch(session, url, identity, "letters")([key])


@pytest.mark.parametrize(
    "answer",
    ["", "null", "[]", "{", {"keys": None}, {"keys": [None]}, {"keys": [{"key": "x"}]}, {"keys": [{"erased": True}]}],
    ids=str,
)
async def test_a_malformed_answer_is_unavailable(
    accounts: Accounts, url: str, session: aiohttp.ClientSession, identity: ServiceIdentity, answer: Any
):
    accounts.answer = answer
    with pytest.raises(KeysUnavailable):
        await remote_fetch(session, url, identity, "letters")([uuid4()])


@pytest.mark.parametrize("private", ["AAAA", "not base64 but secret", "QUJD" * 20, 7])
async def test_a_malformed_half_is_unavailable_and_not_quoted(
    accounts: Accounts, url: str, session: aiohttp.ClientSession, identity: ServiceIdentity, private: Any
):
    key = uuid4()
    accounts.answer = {"keys": [{"key": str(key), "private": private}]}
    with pytest.raises(KeysUnavailable) as caught:
        await remote_fetch(session, url, identity, "letters")([key])
    assert str(private) not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_silence_is_unavailable_after_two_seconds(
    accounts: Accounts, url: str, session: aiohttp.ClientSession, identity: ServiceIdentity
):
    accounts.delay = 10
    began = asyncio.get_running_loop().time()
    with pytest.raises(KeysUnavailable):
        await remote_fetch(session, url, identity, "letters")([uuid4()])
    assert 1.8 < asyncio.get_running_loop().time() - began < 4


async def test_nobody_at_the_address_is_unavailable(session: aiohttp.ClientSession):
    nowhere = "http://127.0.0.1:1"
    with pytest.raises(KeysUnavailable):
        await remote_fetch(session, nowhere, ServiceIdentity(nowhere, "delivery", ["s"], session), "letters")([uuid4()])


async def test_a_refused_token_is_replaced_once(
    accounts: Accounts, url: str, session: aiohttp.ClientSession, identity: ServiceIdentity
):
    assert await identity.token() == "token-1"
    accounts.valid = "token-2"
    assert await remote_fetch(session, url, identity, "letters")([uuid4()]) == {}
    accounts.valid = "never"
    with pytest.raises(KeysUnavailable):
        await remote_fetch(session, url, identity, "letters")([uuid4()])
    assert len(accounts.asked) == 4


async def test_a_token_is_kept_until_thirty_seconds_before_its_end(accounts: Accounts, identity: ServiceIdentity):
    assert await asyncio.gather(*(identity.token() for _ in range(5))) == ["token-1"] * 5
    accounts.expires_in = 30
    identity.forget("another")
    assert await identity.token() == "token-1"
    identity.forget("token-1")
    assert await identity.token() == "token-2"
    assert await identity.token() == "token-3"


@pytest.mark.parametrize("expires_in", [None, "soon", {}, float("nan")])
async def test_a_malformed_token_answer_is_unavailable(accounts: Accounts, identity: ServiceIdentity, expires_in: Any):
    accounts.expires_in = expires_in
    with pytest.raises(IdentityUnavailable):
        await identity.token()


async def test_a_wrong_secret_gives_no_token(url: str, session: aiohttp.ClientSession):
    with pytest.raises(IdentityUnavailable) as caught:
        await ServiceIdentity(url, "delivery", ["wrong-secret"], session).token()
    assert "wrong-secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_while_secrets_are_exchanged_the_one_that_accounts_knows_is_used(
    accounts: Accounts, url: str, session: aiohttp.ClientSession
):
    for secrets in (["new", "s"], ["s", "new"]):
        assert (await ServiceIdentity(url, "delivery", secrets, session).token()).startswith("token-")
    with pytest.raises(IdentityUnavailable):
        await ServiceIdentity(url, "delivery", ["new", "newer"], session).token()
    accounts.expires_in = None  # what is no refusal is not tried with another secret
    with pytest.raises(IdentityUnavailable):
        await ServiceIdentity(url, "delivery", ["s", "new"], session).token()
    assert accounts.tokens == 3


async def test_published_keys_are_fetched_or_unavailable(accounts: Accounts, url: str, session: aiohttp.ClientSession):
    assert await fetch_jwks(session, url) == {"keys": []}
    accounts.status = 503
    with pytest.raises(IdentityUnavailable):
        await fetch_jwks(session, url)
