"""What shops sell, all of it, as it was some seconds ago: asked for once, however many look."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from pages.upstream import Upstream

from storefront.domain import net, showcase
from storefront.domain.shop import Shop
from storefront.domain.showcase import Family

K = TypeVar("K")
LISTING_SECONDS: Final = 10.0
# the most that catalog gives at once
AT_ONCE: Final = 200
MOST_SHOPS: Final = 1000
MOST_SEARCHES: Final = 200
Rates = Mapping[str, int]


@dataclass(slots=True)
class Listing:
    """Products, and the same by families in each language that somebody has read them in; `meant` was searched for."""

    at: float
    products: Sequence[Any]
    meant: str | None = None
    _families: dict[str, Sequence[Family]] = field(default_factory=dict[str, Sequence[Family]])

    def families(self, language: str) -> Sequence[Family]:
        """Return the products by families, those of a line together."""
        if language not in self._families:
            found = showcase.families(self.products, language)
            self._families[language] = sorted(found, key=lambda one: one.line.lower())
        return self._families[language]


@dataclass(slots=True)
class _Kept(Generic[K]):
    """Listings by what was asked for, so many at most: what was asked for first is forgotten first."""

    most: int
    found: OrderedDict[K, Listing] = field(default_factory=OrderedDict[K, Listing])
    asking: dict[K, asyncio.Lock] = field(default_factory=dict[K, asyncio.Lock])

    def fresh(self, key: K) -> Listing | None:
        """Return what is known and young enough, and not empty."""
        known = self.found.get(key)
        return known if known and known.products and time.monotonic() - known.at <= LISTING_SECONDS else None

    def keep(self, key: K, listing: Listing) -> None:
        """Keep a listing."""
        self.found[key] = listing
        self.found.move_to_end(key)
        while len(self.found) > self.most:
            self.found.popitem(last=False)


@dataclass(slots=True)
class Listings:
    """The listings of all shops."""

    upstream: Upstream
    _whole: _Kept[tuple[str, str]] = field(default_factory=lambda: _Kept(MOST_SHOPS))
    _searches: _Kept[tuple[str, str, str]] = field(default_factory=lambda: _Kept(MOST_SEARCHES))

    async def whole(self, shop: Shop, rates: Rates) -> Listing:
        """Return all that a shop sells."""
        return await self._of(self._whole, (shop.tenant, shop.channel), shop, rates, None)

    async def search(self, shop: Shop, rates: Rates, words: str) -> Listing:
        """Return all that a shop sells that has these words; where nothing has, what has near ones."""
        key = shop.tenant, shop.channel, words.casefold()
        return await self._of(self._searches, key, shop, rates, words)

    async def _of(self, kept: _Kept[K], key: K, shop: Shop, rates: Rates, words: str | None) -> Listing:
        if (known := kept.fresh(key)) is not None:
            return known
        lock = kept.asking.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                # whoever came first has asked
                if (known := kept.fresh(key)) is None:
                    known = await self._ask(shop, words)
                    net.show(known.products, rates)
                    kept.keep(key, known)
                return known
        finally:
            if not lock.locked():
                kept.asking.pop(key, None)

    async def _ask(self, shop: Shop, words: str | None) -> Listing:
        query: dict[str, Any] = {"tenant": shop.tenant, "channel": shop.channel, "limit": AT_ONCE, "search": words}
        products: list[Any] = []
        meant: str | None = None
        while True:
            page = await self.upstream.get(None, "catalog", "/products", **query)
            products += page["items"]
            if page["meant"] is not None:
                # what was meant is looked for from here on, so that all is found by the same words
                meant = query["search"] = page["meant"]
            if page["next"] is None:
                return Listing(time.monotonic(), products, meant)
            query["cursor"] = page["next"]
