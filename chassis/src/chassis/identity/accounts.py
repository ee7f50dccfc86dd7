"""What a service asks accounts for over HTTP: its own token, the keys that verify tokens, and subject keys."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import aiohttp

from chassis.config.clock import Clock
from chassis.identity.keys import ERASED, Fetch, KeysUnavailable, Tombstone
from chassis.identity.tokens import IdentityUnavailable

TIMEOUT = aiohttp.ClientTimeout(total=2)
PRIVATE_BYTES = 32


class ServiceIdentity:
    """A service's own token, fetched from accounts and kept until 30 seconds before its end.

    Of several secrets the first that accounts knows is used, so that it does not matter who learns a new one first.
    """

    def __init__(
        self,
        accounts_url: str,
        name: str,
        secrets: Sequence[str],
        session: aiohttp.ClientSession,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._url = f"{accounts_url.rstrip('/')}/service-token"
        self._bodies = [{"service": name, "secret": secret} for secret in secrets]
        self._session = session
        self._clock = clock or Clock()
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    async def token(self) -> str:
        """Return a token to send as Bearer; raises `IdentityUnavailable` where accounts gives none within 2 seconds."""
        async with self._lock:
            if self._clock.now() >= self._until:
                await self._fetch()
            return self._token

    def forget(self, token: str) -> None:
        """Fetch a new token next time, because somebody has refused this one."""
        if token == self._token:
            self._until = datetime.min.replace(tzinfo=UTC)

    async def _fetch(self) -> None:
        asked_at = self._clock.now()
        try:
            body = await self._ask()
            self._token = str(body["access_token"])
            self._until = asked_at + timedelta(seconds=float(body["expires_in"]) - 30)
        except (aiohttp.ClientError, TimeoutError, ArithmeticError, ValueError, KeyError, TypeError) as error:
            raise IdentityUnavailable("accounts gives no token") from error

    async def _ask(self) -> dict[str, Any]:
        for body in self._bodies:
            async with self._session.post(self._url, json=body, timeout=TIMEOUT, allow_redirects=False) as answer:
                if answer.status == 401 and body is not self._bodies[-1]:
                    continue
                await _only_ok(answer)
                return await answer.json()
        raise ValueError("there is no secret")


async def fetch_jwks(session: aiohttp.ClientSession, accounts_url: str) -> dict[str, Any]:
    """Return the key set that accounts publishes; raises `IdentityUnavailable` where there is none within 2 seconds."""
    url = f"{accounts_url.rstrip('/')}/.well-known/jwks.json"
    try:
        async with session.get(url, timeout=TIMEOUT, allow_redirects=False, raise_for_status=_only_ok) as answer:
            return cast("dict[str, Any]", await answer.json(content_type=None))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise IdentityUnavailable("accounts publishes no keys") from error


def remote_fetch(session: aiohttp.ClientSession, accounts_url: str, identity: ServiceIdentity, purpose: str) -> Fetch:
    """Return a function that asks accounts for the subject keys of one purpose.

    It raises `KeysUnavailable` where accounts gives no proper answer within 2 seconds.
    """
    url = f"{accounts_url.rstrip('/')}/subject-keys"

    async def ask(keys: Sequence[UUID], token: str) -> aiohttp.ClientResponse:
        body = {"purpose": purpose, "keys": [str(key) for key in keys]}
        bearer = {"Authorization": f"Bearer {token}"}
        return await session.post(url, json=body, headers=bearer, timeout=TIMEOUT, allow_redirects=False)

    async def fetch(keys: Sequence[UUID]) -> dict[UUID, bytes | Tombstone]:
        try:
            token = await identity.token()
            answer = await ask(keys, token)
            if answer.status == 401:
                answer.release()
                identity.forget(token)
                answer = await ask(keys, await identity.token())
            async with answer:
                await _only_ok(answer)
                return _halves(await answer.json(), frozenset(keys))
        except IdentityUnavailable as error:
            raise KeysUnavailable("no token to ask for keys with") from error
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
            # Not chained: what a malformed answer provokes may quote it, and it may hold private halves.
            raise KeysUnavailable(f"accounts hands out no keys ({type(error).__name__})") from None

    return fetch


async def _only_ok(answer: aiohttp.ClientResponse) -> None:
    """Raise `aiohttp.ClientError` for any status but 200, redirects included: secrets are sent to one address only."""
    if answer.status != 200:
        raise aiohttp.ClientResponseError(answer.request_info, answer.history, status=answer.status)


def _halves(body: dict[str, Any], asked: frozenset[UUID]) -> dict[UUID, bytes | Tombstone]:
    halves: dict[UUID, bytes | Tombstone] = {}
    for entry in cast("list[dict[str, Any]]", body["keys"]):
        key = UUID(entry["key"])
        if key not in asked:
            continue
        if entry.get("erased") is True:
            halves[key] = ERASED
        elif entry.get("private"):
            halves[key] = _private_half(entry["private"])
    return halves


def _private_half(text: str) -> bytes:
    # pydantic writes the url-safe alphabet, most others the common one.
    private = base64.b64decode(text.translate({ord("-"): "+", ord("_"): "/"}), validate=True)
    if len(private) != PRIVATE_BYTES:
        raise ValueError("no private half")
    return private
