"""Let people look around in a shop, each with a cookie jar and time to think; print how long they waited as JSON.

Everybody goes from the list to a product, puts it into the cart now and then, looks at the cart, and begins again. Only
pages are timed, from the request to the last byte; a form counts with the page that it leads to.

Usage: python -m benchmarks.visitors VISITORS SECONDS ADDRESS...
"""

import asyncio
import json
import random
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from html import unescape

import aiohttp

THINK_SECONDS = (1.0, 5.0)
PUTS = 0.4
# the shop is known by this name, whatever port its servers have
HEADERS = {"Accept-Language": "en", "Host": "localhost"}
# what a page leads to, and the form that puts an article into the cart
LINK = re.compile(r'<a class="card[^"]*" href="(/[^"]+)"')
ONWARD = re.compile(r'href="(/(?:products|families)/[^"#]+)"')
FORM = re.compile(r'<form[^>]*action="/cart"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(slots=True)
class Seen:
    """How long each page took, in seconds, and what was answered with another status than 200."""

    waits: list[float] = field(default_factory=list[float])
    refused: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser; `dice` decides what they do, the same in each run."""

    http: aiohttp.ClientSession
    address: str
    dice: random.Random
    seen: Seen
    until: float

    async def stay(self) -> None:
        """Look around until the time is over; nobody begins at the same moment."""
        await asyncio.sleep(self.dice.uniform(0, THINK_SECONDS[1]))
        while time.monotonic() < self.until:
            page = await self._go("GET", "/")
            for _ in range(2):
                paths = [unescape(path) for path in LINK.findall(page) or ONWARD.findall(page)]
                forms: list[str] = FORM.findall(page)
                if forms or not paths:
                    break
                page = await self._go("GET", self.dice.choice(paths))
            if (forms := FORM.findall(page)) and self.dice.random() < PUTS:
                await self._go("POST", "/cart", dict(HIDDEN.findall(self.dice.choice(forms))))

    async def _go(self, method: str, path: str, fields: dict[str, str] | None = None) -> str:
        """Open a page, and think about it; what comes after the time is not counted."""
        began = time.monotonic()
        async with self.http.request(method, self.address + path, data=fields) as answer:
            text = await answer.text()
        ended = time.monotonic()
        if ended < self.until:
            self.seen.waits.append(ended - began)
            if answer.status != 200:
                self.seen.refused.append(f"{answer.status} {path}")
        await asyncio.sleep(min(self.dice.uniform(*THINK_SECONDS), max(0.0, self.until - ended)))
        return text


async def visit(visitors: int, seconds: float, addresses: list[str]) -> dict[str, object]:
    """Return how long the pages took of so many visitors, who are spread over the addresses."""
    seen, until, begun = Seen(), time.monotonic() + seconds, time.process_time()
    async with asyncio.TaskGroup() as group:
        for number in range(visitors):
            address = addresses[number % len(addresses)]
            group.create_task(_somebody(address, random.Random(number), seen, until))
    cuts = statistics.quantiles(seen.waits, n=100, method="inclusive")
    return {
        "p50_ms": cuts[49] * 1000,
        "p95_ms": cuts[94] * 1000,
        "p99_ms": cuts[98] * 1000,
        "per_second": len(seen.waits) / seconds,
        "busy": (time.process_time() - begun) / seconds,
        "refused": seen.refused[:5],
    }


async def _somebody(address: str, dice: random.Random, seen: Seen, until: float) -> None:
    jar = aiohttp.CookieJar(unsafe=True)  # of an address without a name
    async with aiohttp.ClientSession(cookie_jar=jar, headers=HEADERS) as http:
        await Visitor(http, address, dice, seen, until).stay()


if __name__ == "__main__":
    found = asyncio.run(visit(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
    print(json.dumps(found))
