"""Subject keys that open sealed fields: fetched from accounts in batches, kept for a minute at most, never shown."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from uuid import UUID

from contracts.event import Sealed
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chassis.identity.acting import check_recorded
from chassis.identity.sealing import open_box, private_key

BATCH = 500


class Tombstone(Enum):
    """What is left of a destroyed key, and of every field sealed to it; false, and null in JSON."""

    ERASED = None

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ERASED"

    __str__ = __repr__


ERASED: Final = Tombstone.ERASED
Fetch = Callable[[Sequence[UUID]], Awaitable[dict[UUID, bytes | Tombstone]]]


class KeysUnavailable(Exception):
    """Sealed fields cannot be opened now, because their keys cannot be had; this says nothing about erasure."""


@dataclass(slots=True)
class _PrivateHalf:
    """A private half, which is loaded when it first opens a box: to load it takes half as long as that."""

    private: bytes | Tombstone = field(repr=False)
    until: float
    _loaded: X25519PrivateKey | None = field(default=None, repr=False)

    def open(self, sealed: Sealed) -> str | Tombstone:
        if isinstance(self.private, Tombstone):
            return self.private
        if self._loaded is None:
            self._loaded = private_key(self.private)
        return open_box(sealed, self._loaded)


class Keys:
    """The keys that one request or batch may need, fetched before its transaction begins."""

    def __init__(
        self, halves: Mapping[UUID, _PrivateHalf] | None = None, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._halves = dict(halves or {})
        self._elapsed = elapsed

    def open(self, sealed: Sealed) -> str | Tombstone:
        """Return the text, or `ERASED` where accounts keeps a tombstone of the key.

        Raises `KeysUnavailable` for a key that was not fetched or is older than the ring allows, `SealBroken` for a
        box that does not belong to its key.
        """
        half = self._halves.get(sealed.key)
        if half is None or self._elapsed() >= half.until:
            raise KeysUnavailable(f"key {sealed.key} is not at hand")
        return half.open(sealed)


class KeyRing:
    """A service's cache of private halves: each is used at most `lifetime_seconds` after it was asked for.

    It leaves the memory at most a sixth of that later, whether or not anybody asks for a key again.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        lifetime_seconds: float = 60,
        limit: int = 50_000,
        elapsed: Callable[[], float] = time.monotonic,
        purpose: str = "",
    ) -> None:
        """Keep at most `limit` keys and measure their age by `elapsed`: seconds that only grow."""
        self._purpose = purpose
        self._fetch = fetch
        self._elapsed = elapsed
        self._lifetime = lifetime_seconds
        self._limit = limit
        self._halves: OrderedDict[UUID, _PrivateHalf] = OrderedDict()
        self._forgotten_meanwhile: list[set[UUID]] = []
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def held(self) -> int:
        """How many private halves are in memory; tombstones are none."""
        return sum(half.private is not ERASED for half in self._halves.values())

    async def unlock(self, boxes: Iterable[Sealed]) -> Keys:
        """Return the keys of these boxes, fetching those that are not at hand or will soon be too old.

        Raises `KeysUnavailable` where the fetch fails; a key that accounts leaves out raises it when a box is opened.
        Raises `ReadingUnrecorded` where staff reads and the audit log does not say so yet.
        """
        wanted = dict.fromkeys(box.key for box in boxes)
        if wanted:
            check_recorded(self._purpose)
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
        """Drop the private half of a destroyed key, also one that is being fetched; a tombstone stays."""
        for late in self._forgotten_meanwhile:
            late.add(key)
        if (half := self._halves.get(key)) and half.private is not ERASED:
            del self._halves[key]

    async def _fetched(self, keys: Sequence[UUID]) -> dict[UUID, _PrivateHalf]:
        until = self._elapsed() + self._lifetime
        forgotten: set[UUID] = set()
        self._forgotten_meanwhile.append(forgotten)
        try:
            answer = await self._fetch(keys)
        finally:
            self._forgotten_meanwhile = [late for late in self._forgotten_meanwhile if late is not forgotten]
        fresh = {
            key: _PrivateHalf(private, math.inf if private is ERASED else until)
            for key, private in answer.items()
            if private is ERASED or key not in forgotten
        }
        self._halves |= fresh
        while len(self._halves) > self._limit:
            self._halves.popitem(last=False)
        self._sweep_later()
        return fresh

    def _sweep_later(self) -> None:
        if self._sweeping is None and self.held:
            self._sweeping = asyncio.get_running_loop().call_later(self._lifetime / 6, self._sweep)

    def _sweep(self) -> None:
        self._sweeping, now = None, self._elapsed()
        for key in [key for key, half in self._halves.items() if half.until <= now]:
            del self._halves[key]
        self._sweep_later()
