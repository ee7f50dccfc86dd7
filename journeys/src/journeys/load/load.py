"""Orders at a given rate: the next comes when its time has come, whether or not the last was answered."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from journeys.load.bank import Bank
from journeys.load.buying import Buying, wish
from journeys.load.insisting import Insisting
from journeys.load.market import Market
from journeys.load.promises import Promises
from journeys.shops import SERIALS
from journeys.suite import Suite

TELL_EVERY = 10.0
MEETINGS = 0.1
AT_ONCE = 100
REFILL_EVERY, REFILL = 30.0, 200


@dataclass(slots=True)
class Load:
    """Trade at `rate` orders a second; where more than `AT_ONCE` stories run, it falls behind and says so."""

    market: Market
    rate: float
    chance: random.Random
    report: Callable[[str], None]
    promises: Promises = field(default_factory=Promises)
    begun: int = 0
    _started: float = 0.0
    _running: set["asyncio.Task[Any]"] = field(default_factory=set["asyncio.Task[Any]"])
    _buying: Buying | None = None

    @property
    def offered(self) -> int:
        """How many orders should have come by now."""
        return int((time.monotonic() - self._started) * self.rate)

    def told(self) -> str:
        """How it goes, in one line."""
        seconds = time.monotonic() - self._started
        done = len(self.promises.orders)
        troubles = ", ".join(f"{count} x {what}" for what, count in self.promises.counts.most_common(6))
        return (
            f"{seconds:4.0f} s: {self.offered} offered, {self.begun} begun, {self.promises.told()}; "
            f"{done / max(seconds, 0.1):.1f} of {self.rate:g}/s; {len(self._running)} under way"
            + (f"; {troubles}" if troubles else "")
        )

    @asynccontextmanager
    async def running(self, suite: Suite, seconds_to_end: float = 300) -> AsyncGenerator["Load"]:
        """Trade until the block ends; then what was begun is brought to its end."""
        client = Insisting(suite, self.promises.counts)
        bank = Bank(self.market.shop, client)
        self._buying = Buying(self.market, client, bank, self.promises)
        self._started = time.monotonic()
        tasks = [asyncio.create_task(work) for work in (bank.run(), self._refill(client), self._tell())]
        coming = asyncio.create_task(self._come())
        try:
            yield self
            await _end(coming)
            self.report("the load ends: " + self.told())
            if self._running:
                await asyncio.wait(self._running, timeout=seconds_to_end)
            self.report("all is said: " + self.told())
        finally:
            for task in (coming, *tasks, *self._running):
                await _end(task)

    async def _come(self) -> None:
        people = self.market.people
        while True:
            wanted = self.offered - self.begun
            if not wanted or len(self._running) >= AT_ONCE:
                await asyncio.sleep(0.5 / self.rate)
                continue
            self.begun += 1
            person = self.chance.choice(people)
            assert self._buying is not None
            self._start(self._buying.buy(person, wish(self.chance)))
            if self.chance.random() < MEETINGS:
                self._start(self._buying.meet(person))
            if wanted > 1:
                await asyncio.sleep(0)

    def _start(self, story: Any) -> None:
        task = asyncio.create_task(story)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.promises.counts[f"{type(error).__name__}: {error}"[:120]] += 1

    async def _refill(self, client: Insisting) -> None:
        """Serials come in now and then; until then units are back-ordered."""
        clerk = self.market.shop.seller
        while True:
            await asyncio.sleep(REFILL_EVERY)
            rows = "".join(f"{SERIALS}-{random.SystemRandom().randbytes(8).hex().upper()}\n" for _ in range(REFILL))
            await client.ask(
                "licensing",
                "POST",
                f"/skus/{SERIALS}/serials",
                token=lambda: clerk.token,
                renew=clerk.sign_in,
                data=rows.encode(),
                headers={"Content-Type": "text/csv"},
            )

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self.report(self.told())


async def _end(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task
