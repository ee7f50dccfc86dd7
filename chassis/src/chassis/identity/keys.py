"""Opening sealed fields: subject keys fetched from accounts in batches, kept for a minute at most, never shown."""

import base64
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, cast
from uuid import UUID

import aiohttp
from contracts.event import Sealed
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chassis.identity.sealing import open_box, private_key
from chassis.identity.tokens import IdentityUnavailable, ServiceIdentity, only_ok

BATCH = 500
PRIVATE_BYTES = 32
TIMEOUT = aiohttp.ClientTimeout(total=2)


class Erased(Enum):
    """What a field reads as whose key has been destroyed; false, and null in JSON."""

    ERASED = None

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ERASED"

    __str__ = __repr__


ERASED: Final = Erased.ERASED
Fetch = Callable[[Sequence[UUID]], Awaitable[dict[UUID, bytes | Erased]]]


class KeysUnavailable(Exception):
    """Sealed fields cannot be opened now, because their keys cannot be had; this says nothing about erasure."""


@dataclass(frozen=True, slots=True)
class _Half:
    private: bytes | Erased = field(repr=False)
    until: float


class Keys:
    """The keys that one request or chunk may need, fetched before its transaction opened."""

    def __init__(
        self, halves: Mapping[UUID, _Half] | None = None, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._halves = dict(halves or {})
        self._made: dict[UUID, X25519PrivateKey] = {}
        self._elapsed = elapsed

    def open(self, sealed: Sealed) -> str | Erased:
        """Return the text, or `ERASED` where accounts keeps a tombstone of the key.

        Raises `KeysUnavailable` for a key that was not fetched or is older than the ring allows, `SealBroken` for a
        box that does not belong to its key.
        """
        half = self._halves.get(sealed.key)
        if half is None or self._elapsed() >= half.until:
            raise KeysUnavailable(f"key {sealed.key} is not at hand")
        if isinstance(half.private, Erased):
            return half.private
        if sealed.key not in self._made:
            self._made[sealed.key] = private_key(half.private)
        return open_box(sealed, self._made[sealed.key])


class KeyRing:
    """A service's cache of private halves: each is used at most `lifetime_seconds` after it was asked for."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        lifetime_seconds: float = 60,
        limit: int = 50_000,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Measure ages by `elapsed`: seconds that only grow, in a service those of its clock."""
        self._fetch = fetch
        self._elapsed = elapsed
        self._lifetime = lifetime_seconds
        self._limit = limit
        self._halves: OrderedDict[UUID, _Half] = OrderedDict()
        self._forgotten_meanwhile: list[set[UUID]] = []

    async def unlock(self, boxes: Iterable[Sealed]) -> Keys:
        """Return the keys of these boxes, fetching those that are not at hand or will soon be too old.

        Raises `KeysUnavailable` where the fetch fails; a key that is missing from the answer fails when it is opened.
        """
        wanted = dict.fromkeys(box.key for box in boxes)
        # A key near its end is asked for again, so that it outlives the transaction which is about to open.
        soon = self._elapsed() + self._lifetime / 6
        at_hand = {key: half for key in wanted if (half := self._halves.get(key)) and half.until > soon}
        missing = [key for key in wanted if key not in at_hand]
        for start in range(0, len(missing), BATCH):
            at_hand |= await self._fetched(missing[start : start + BATCH])
        for key in wanted:
            if key in self._halves:
                self._halves.move_to_end(key)
        return Keys(at_hand, self._elapsed)

    def forget(self, key: UUID) -> None:
        """Drop the private half of a destroyed key, also one that is on its way; a tombstone stays."""
        for late in self._forgotten_meanwhile:
            late.add(key)
        if (half := self._halves.get(key)) and half.private is not ERASED:
            del self._halves[key]

    async def _fetched(self, keys: Sequence[UUID]) -> dict[UUID, _Half]:
        until = self._elapsed() + self._lifetime
        forgotten: set[UUID] = set()
        self._forgotten_meanwhile.append(forgotten)
        try:
            answer = await self._fetch(keys)
        finally:
            self._forgotten_meanwhile = [late for late in self._forgotten_meanwhile if late is not forgotten]
        fresh = {
            key: _Half(private, math.inf if private is ERASED else until)
            for key, private in answer.items()
            if private is ERASED or key not in forgotten
        }
        self._halves |= fresh
        while len(self._halves) > self._limit:
            self._halves.popitem(last=False)
        return fresh


def remote_fetch(session: aiohttp.ClientSession, accounts_url: str, identity: ServiceIdentity, purpose: str) -> Fetch:
    """Return a fetch that asks accounts for the keys of one purpose, within 2 seconds; it raises `KeysUnavailable`."""
    url = f"{accounts_url.rstrip('/')}/subject-keys"

    async def ask(keys: Sequence[UUID], token: str) -> aiohttp.ClientResponse:
        body = {"purpose": purpose, "keys": [str(key) for key in keys]}
        bearer = {"Authorization": f"Bearer {token}"}
        return await session.post(url, json=body, headers=bearer, timeout=TIMEOUT, allow_redirects=False)

    async def fetch(keys: Sequence[UUID]) -> dict[UUID, bytes | Erased]:
        try:
            token = await identity.token()
            answer = await ask(keys, token)
            if answer.status == 401:
                answer.release()
                identity.forget(token)
                answer = await ask(keys, await identity.token())
            async with answer:
                await only_ok(answer)
                return _read(await answer.json(), frozenset(keys))
        except IdentityUnavailable as error:
            raise KeysUnavailable("no token to ask for keys with") from error
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
            # Not chained: what a malformed answer provokes may quote it, and it may hold private halves.
            raise KeysUnavailable(f"accounts hands out no keys ({type(error).__name__})") from None

    return fetch


def _read(body: dict[str, Any], asked: frozenset[UUID]) -> dict[UUID, bytes | Erased]:
    read: dict[UUID, bytes | Erased] = {}
    for entry in cast("list[dict[str, Any]]", body["keys"]):
        key = UUID(entry["key"])
        if key not in asked:
            continue
        if entry.get("erased") is True:
            read[key] = ERASED
        elif entry.get("private"):
            read[key] = _half(entry["private"])
    return read


def _half(text: str) -> bytes:
    # pydantic writes the url-safe alphabet, most others the common one.
    private = base64.b64decode(text.translate({ord("-"): "+", ord("_"): "/"}), validate=True)
    if len(private) != PRIVATE_BYTES:
        raise ValueError("no private half")
    return private
