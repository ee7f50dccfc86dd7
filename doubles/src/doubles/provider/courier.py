"""Carries events to the subscriber: signed, again and again until they are taken, and as badly as the switches say."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Collection, Coroutine
from typing import Any

import aiohttp

from .shapes import Json, now
from .signature import sign
from .state import State
from .switches import Switches

KIND = "_delivery"


class Courier:
    """Owns the deliveries of events to one webhook address, which has enabled some types of them, or all."""

    def __init__(self, state: State, switches: Switches, url: str, secret: str, enabled: Collection[str] = ()) -> None:
        self.url = url
        self._enabled = frozenset(enabled)
        self._state = state
        self._switches = switches
        self._secret = secret
        self._held: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._chance = random.Random(0)  # noqa: S311 -- dice, not secrets
        self._seed = 0
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Opens the line and takes up what an earlier run left undelivered."""
        self._http = aiohttp.ClientSession()
        for record in self._state.all(KIND):
            if record["status"] == "pending":
                self._spawn(self._carry(record["event"]))

    async def stop(self) -> None:
        """Lets go; what is undelivered stays written down."""
        if self._timer:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http:
            await self._http.close()

    def delivers(self, kind: str) -> bool:
        """Tells whether events of this type go to the address."""
        return not self._enabled or kind in self._enabled

    def take(self, event: str) -> None:
        """Takes an event over for delivery."""
        faults = self._switches.now.webhooks
        record = _new(event)
        drop = faults.drop
        kind = self._event(event)["type"]
        if drop and (not drop.types or kind in drop.types) and drop.spend():
            record["status"] = "dropped"
        self._state.put(KIND, event, record)
        if record["status"] == "dropped":
            return
        for _ in range(1 + faults.duplicates):
            if faults.disorder:
                self._hold(event)
            else:
                self._spawn(self._carry(event))

    def resend(self, event: str) -> None:
        """Sends an event once more, whatever became of it before."""
        record = self._state.get(KIND, event) or _new(event)
        record.update(status="pending", since=time.time())
        self._state.put(KIND, event, record)
        self._spawn(self._carry(event))

    def release(self) -> int:
        """Lets go of what is held, shuffled, and tells how many that were."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        batch, self._held = self._held, []
        disorder = self._switches.now.webhooks.disorder
        # The order depends on the seed and the number held alone, so that a finding can be repeated.
        random.Random(disorder.seed if disorder else 0).shuffle(batch)  # noqa: S311 -- dice, not secrets
        if batch:
            self._spawn(self._carry_in_turn(batch))
        return len(batch)

    def forget(self) -> None:
        """Drops everything under way, for a state that starts afresh."""
        self._held.clear()
        for task in self._tasks:
            task.cancel()

    def records(self) -> list[Json]:
        """Lists the deliveries, oldest first, each with its event's type."""
        return [{**record, "type": self._event(record["event"])["type"]} for record in self._state.all(KIND)]

    def _hold(self, event: str) -> None:
        disorder = self._switches.now.webhooks.disorder
        self._held.append(event)
        if not disorder or len(self._held) >= disorder.hold:
            self.release()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(disorder.seconds, self.release)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _event(self, event: str) -> Json:
        found = self._state.get("event", event)
        assert found is not None
        return found

    def _record(self, event: str) -> Json:
        found = self._state.get(KIND, event)
        assert found is not None
        return found

    async def _carry_in_turn(self, batch: list[str]) -> None:
        for event in batch:
            await self._delay()
            if not await self._attempt(event):
                self._spawn(self._insist(event))

    async def _carry(self, event: str) -> None:
        await self._delay()
        if not await self._attempt(event):
            await self._insist(event)

    async def _delay(self) -> None:
        faults = self._switches.now.webhooks
        if faults.seed != self._seed:
            self._seed = faults.seed
            self._chance.seed(faults.seed)
        least, most = faults.delay
        if most > 0:
            await asyncio.sleep(self._chance.uniform(least, most))

    async def _insist(self, event: str) -> None:
        wait = self._switches.now.webhooks.retry.first
        while True:
            retry = self._switches.now.webhooks.retry
            await asyncio.sleep(wait)
            wait = min(wait * retry.factor, retry.longest)
            record = self._record(event)
            if record["status"] != "pending":
                return
            if time.time() - record["since"] > retry.give_up_after:
                self._state.put(KIND, event, {**record, "status": "given_up"})
                return
            if await self._attempt(event):
                return

    async def _attempt(self, event: str) -> bool:
        assert self._http is not None
        faults = self._switches.now.webhooks
        body = json.dumps(self._event(event), indent=2).encode()
        at = now() + faults.timestamp_shift
        forged = faults.forge is not None and faults.forge.spend()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(body)),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": sign(body, "whsec_of_somebody_else" if forged else self._secret, at),
        }
        hang = faults.hang if faults.hang and faults.hang.spend() else None
        endless = hang is not None and hang.seconds == "forever"
        paused = 0.0 if hang is None or hang.seconds == "forever" else hang.seconds
        limit = aiohttp.ClientTimeout(total=None if endless else faults.timeout + paused)
        attempt: Json = {"at": round(time.time(), 3), "status": None, "error": None}
        try:
            async with self._http.post(
                self.url,
                data=self._stalling(body, hang.seconds) if hang else body,
                headers=headers,
                timeout=limit,
                allow_redirects=False,
            ) as answer:
                attempt["status"] = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            attempt["error"] = type(error).__name__
        taken = attempt["status"] is not None and 200 <= attempt["status"] < 300
        self._note(event, attempt, taken=taken)
        return taken

    def _note(self, event: str, attempt: Json, *, taken: bool) -> None:
        record = self._record(event)
        record["attempts"].append(attempt)
        if taken:
            record["status"] = "delivered"
            self._state.save({**self._event(event), "pending_webhooks": 0})
        self._state.put(KIND, event, record)

    async def _stalling(self, body: bytes, seconds: Any) -> AsyncIterator[bytes]:
        middle = len(body) // 2
        yield body[:middle]
        if not await self._switches.pause(seconds):
            raise aiohttp.ClientConnectionError("let go of a webhook that hung for ever")
        yield body[middle:]


def _new(event: str) -> Json:
    return {"event": event, "status": "pending", "since": time.time(), "attempts": []}
