"""A client that retries until there is a final answer: after a broken connection, 202, 429 and 5xx."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp

from journeys.suite import Suite

FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0
SECONDS_PER_TRY = 15
# 409 with this type: the first attempt is still being answered
IN_FLIGHT = "in-flight"


class NoAnswer(Exception):
    """No final answer came in the time a client has; whether the request took effect is not known."""


class Refused(Exception):
    """The suite refused what it must accept; the message names the request."""


@dataclass(slots=True)
class RetryingClient:
    """A client that repeats a request, with the same Idempotency-Key, until it is answered; `patience` in seconds."""

    suite: Suite
    counts: Counter[str]
    patience: float = 180

    async def ask(
        self,
        service: str,
        method: str,
        path: str,
        *,
        token: Callable[[], str],
        renew: Callable[[], Awaitable[None]],
        expect: tuple[int, ...] = (200, 201),
        come_again: tuple[int, ...] = (202,),
        **how: Any,
    ) -> Any:
        """Return the body of the first final answer; raises NoAnswer and Refused.

        `expect` are the statuses of final answers, `come_again` those after which the client asks again.
        """
        key = str(uuid4())
        wait, deadline = FIRST_WAIT, time.monotonic() + self.patience
        while time.monotonic() < deadline:
            headers = {**how.get("headers", {}), "Authorization": f"Bearer {token()}"}
            if method == "POST":
                headers["Idempotency-Key"] = key
            try:
                status, body = await self._try(service, method, path, {**how, "headers": headers})
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self.counts[f"{service} {type(error).__name__}"] += 1
            else:
                if status in expect:
                    return body
                if status == 401:
                    await self._renew(renew)
                elif status in come_again or status in (429, 500, 502, 503, 504) or _in_flight(status, body):
                    if status not in come_again:
                        self.counts[f"{service} {status}"] += 1
                else:
                    raise Refused(f"{method} {service}{path}: {status} {str(body)[:200]}")
            # at different moments, or all waiting clients ask a service at once when it is back
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(wait * 1.5, LONGEST_WAIT)
        raise NoAnswer(f"{method} {service}{path}")

    async def _try(self, service: str, method: str, path: str, how: dict[str, Any]) -> tuple[int, Any]:
        limit = aiohttp.ClientTimeout(total=SECONDS_PER_TRY)
        async with self.suite.http.request(method, self.suite.url(service, path), timeout=limit, **how) as answer:
            body = await answer.json(content_type=None) if "json" in answer.content_type else await answer.text()
            return answer.status, body

    async def _renew(self, renew: Callable[[], Awaitable[None]]) -> None:
        try:
            await renew()
        except Exception as error:
            # accounts may be away, too
            self.counts[f"accounts {type(error).__name__}"] += 1


def _in_flight(status: int, body: Any) -> bool:
    return status == 409 and IN_FLIGHT in str(body) and isinstance(body, dict)
