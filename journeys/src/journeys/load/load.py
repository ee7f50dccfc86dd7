"""Orders at a given rate: the next is placed at its time, whether or not the last was answered."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from journeys.load.bank import Bank
from journeys.load.buying import Buying, make_plan
from journeys.load.client import RetryingClient
from journeys.load.market import Market
from journeys.load.promises import Promises
from journeys.shops import SERIALS
from journeys.suite import Suite

REPORT_EVERY = 10.0
MEETINGS = 0.1
AT_ONCE = 100
REFILL_EVERY, REFILL = 30.0, 200


@dataclass(slots=True)
class Load:
    """Load at `rate` orders a second; it falls behind, and reports so, while `AT_ONCE` tasks are under way.

    `meetings` is how many meetings are reported for an order.
    """

    market: Market
    rate: float
    chance: random.Random
    report: Callable[[str], None]
    meetings: float = MEETINGS
    promises: Promises = field(default_factory=Promises)
    placed: int = 0
    _started: float = 0.0
    _running: set["asyncio.Task[Any]"] = field(default_factory=set["asyncio.Task[Any]"])
    _buying: Buying | None = None

    @property
    def offered(self) -> int:
        """Return how many orders should have been placed by now."""
        return int((time.monotonic() - self._started) * self.rate)

    def summary(self) -> str:
        """Return the progress in one line."""
        seconds = time.monotonic() - self._started
        done = len(self.promises.orders)
        failures = ", ".join(f"{count} x {what}" for what, count in self.promises.counts.most_common(6))
        return (
            f"{seconds:4.0f} s: {self.offered} offered, {self.placed} begun, {self.promises.summary()}; "
            f"{done / max(seconds, 0.1):.1f} of {self.rate:g}/s; {len(self._running)} under way"
            + (f"; {failures}" if failures else "")
        )

    @asynccontextmanager
    async def running(self, suite: Suite, seconds_to_end: float = 300) -> AsyncGenerator["Load"]:
        """Place orders until the block ends, then wait until those that are under way have ended."""
        client = RetryingClient(suite, self.promises.counts)
        bank = Bank(self.market.shop, client)
        self._buying = Buying(self.market, client, bank, self.promises)
        self._started = time.monotonic()
        work = (bank.run(), self._refill(client), self._report())
        tasks = [asyncio.create_task(one, name=one.__qualname__) for one in work]
        placing = asyncio.create_task(self._place(), name="place orders")
        try:
            yield self
            await _end(placing)
            self.report("the load ends: " + self.summary())
            if self._running:
                await asyncio.wait(self._running, timeout=seconds_to_end)
            self.report("all has ended: " + self.summary())
        finally:
            for task in (placing, *tasks, *self._running):
                await _end(task)

    async def _place(self) -> None:
        people = self.market.people
        while True:
            wanted = self.offered - self.placed
            if not wanted or len(self._running) >= AT_ONCE:
                await asyncio.sleep(0.5 / self.rate)
                continue
            self.placed += 1
            person = self.chance.choice(people)
            assert self._buying is not None
            self._start(self._buying.buy(person, make_plan(self.chance)))
            if self.chance.random() < self.meetings:
                self._start(self._buying.meet(person))
            if wanted > 1:
                await asyncio.sleep(0)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=work.__qualname__)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.promises.counts[f"{type(error).__name__}: {error}"[:120]] += 1

    async def _refill(self, client: RetryingClient) -> None:
        """Import serials every 30 seconds; until then units are back-ordered."""
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

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY)
            self.report(self.summary())


async def _end(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task
