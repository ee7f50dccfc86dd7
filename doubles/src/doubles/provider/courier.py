"""The courier: sends events to the webhook endpoint until they are accepted, signed, with the faults switched on."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import aiohttp

from .provider import State
from .switches import Seconds, Switches
from .wire import Json, now

DELIVERY = "_delivery"


def sign(body: bytes, secret: str, at: int) -> str:
    """Return the Stripe-Signature header: HMAC-SHA256 over time and body, keyed with the endpoint's secret."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


class Courier:
    """Owns the deliveries of events to one webhook endpoint."""

    def __init__(self, state: State, switches: Switches, url: str, secret: str) -> None:
        self._url = url
        self._state = state
        self._switches = switches
        self._secret = secret
        self._held: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._dice = random.Random(0)
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the HTTP session and send what an earlier run left undelivered."""
        self._http = aiohttp.ClientSession()
        for delivery in self._state.all(DELIVERY):
            if delivery["status"] == "pending":
                self._spawn(self._deliver(delivery["event"]))

    async def stop(self) -> None:
        """Stop sending; undelivered events stay recorded as pending."""
        if self._timer:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http:
            await self._http.close()

    def deliver(self, event: str) -> None:
        """Record an event for delivery and send it, unless a fault drops it."""
        faults = self._switches.now.webhooks
        drop = faults.drop
        dropped = drop and (not drop.types or self._state["event", event]["type"] in drop.types) and drop.spend()
        self._record(event, status="dropped" if dropped else "pending")
        for _ in range(0 if dropped else 1 + faults.duplicates):
            if faults.disorder:
                self._hold(event)
            else:
                self._spawn(self._deliver(event))

    def resend(self, event: str) -> None:
        """Send an event once more, whatever became of it before."""
        self._record(event, status="pending", since=time.time())
        self._spawn(self._deliver(event))

    def release(self) -> None:
        """Send the held events in random order."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        batch, self._held = self._held, []
        disorder = self._switches.now.webhooks.disorder
        # The order depends on the seed and the number held alone, so that a finding can be repeated.
        random.Random(disorder.seed if disorder else 0).shuffle(batch)
        if batch:
            self._spawn(self._deliver_in_turn(batch))

    def deliveries(self) -> list[Json]:
        """List the deliveries, oldest first, each with its event's type."""
        return [
            {**delivery, "type": self._state["event", delivery["event"]]["type"]}
            for delivery in self._state.all(DELIVERY)
        ]

    def _hold(self, event: str) -> None:
        disorder = self._switches.now.webhooks.disorder
        self._held.append(event)
        if not disorder or len(self._held) >= disorder.hold:
            self.release()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(disorder.seconds, self.release)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="webhooks")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _record(self, event: str, **changes: Any) -> None:
        first: Json = {"event": event, "status": "pending", "since": time.time(), "attempts": []}
        self._state.put(DELIVERY, event, (self._state.get(DELIVERY, event) or first) | changes)

    async def _deliver_in_turn(self, batch: list[str]) -> None:
        for event in batch:
            await self._delay()
            if not await self._attempt(event):
                self._spawn(self._retry(event))

    async def _deliver(self, event: str) -> None:
        await self._delay()
        if not await self._attempt(event):
            await self._retry(event)

    async def _delay(self) -> None:
        least, most = self._switches.now.webhooks.delay
        if most > 0:
            await asyncio.sleep(self._dice.uniform(least, most))

    async def _retry(self, event: str) -> None:
        wait = self._switches.now.webhooks.retry.first
        while True:
            retry = self._switches.now.webhooks.retry
            await asyncio.sleep(wait)
            wait = min(wait * retry.factor, retry.longest)
            delivery = self._state[DELIVERY, event]
            if delivery["status"] != "pending":
                return
            if time.time() - delivery["since"] > retry.give_up_after:
                self._record(event, status="given_up")
                return
            if await self._attempt(event):
                return

    async def _attempt(self, event: str) -> bool:
        assert self._http is not None
        faults = self._switches.now.webhooks
        body = json.dumps(self._state["event", event], indent=2).encode()
        forged = faults.forge is not None and faults.forge.spend()
        secret = "whsec_of_somebody_else" if forged else self._secret
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(body)),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": sign(body, secret, now() + faults.timestamp_shift),
        }
        hang = faults.hang.seconds if faults.hang and faults.hang.spend() else 0.0
        limit = aiohttp.ClientTimeout(total=None if hang == "forever" else faults.timeout + hang)
        data = self._stalling(body, hang) if hang else body
        attempt: Json = {"at": round(time.time(), 3), "status": None, "error": None}
        try:
            async with self._http.post(
                self._url, data=data, headers=headers, timeout=limit, allow_redirects=False
            ) as answer:
                attempt["status"] = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            attempt["error"] = type(error).__name__
        attempts = [*self._state[DELIVERY, event]["attempts"], attempt]
        if not 200 <= (attempt["status"] or 0) < 300:
            self._record(event, attempts=attempts)
            return False
        self._state.save({**self._state["event", event], "pending_webhooks": 0})
        self._record(event, attempts=attempts, status="delivered")
        return True

    async def _stalling(self, body: bytes, seconds: Seconds) -> AsyncIterator[bytes]:
        middle = len(body) // 2
        yield body[:middle]
        if not await self._switches.pause(seconds):
            raise aiohttp.ClientConnectionError("a reset ended a webhook that hung for ever")
        yield body[middle:]
