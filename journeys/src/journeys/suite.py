"""The running suite as a client sees it: its addresses, and calls that check the status."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp
from stack.stack import Stack
from stack.state import State

T = TypeVar("T")


class Unexpected(Exception):
    """An answer or an outcome that was not expected."""


@dataclass(slots=True)
class Suite:
    """Every service's address, and one HTTP client."""

    stack: Stack
    state: State
    http: aiohttp.ClientSession

    def url(self, service: str, path: str = "") -> str:
        """Return the address of a service's path."""
        return self.state.urls[service] + path

    def admin(self, service: str, path: str) -> str:
        """Return the address of a path on a service's port for operators."""
        return self.state.admin_urls[service] + path

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        expect: int | tuple[int, ...] = (200, 201, 202, 204),
    ) -> Any:
        """Call a service and return the body of its answer; raises Unexpected for any status but `expect`."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid4()))
        address = path if path.startswith("http") else self.url(service, path)
        async with self.http.request(method, address, json=json, data=data, headers=sent) as answer:
            body = await answer.json(content_type=None) if "json" in answer.content_type else await answer.text()
            expected = (expect,) if isinstance(expect, int) else expect
            if answer.status not in expected:
                raise Unexpected(f"{method} {service}{path}: {answer.status} instead of {expected}: {str(body)[:500]}")
            return body

    async def stack_run(self, service: str, *words: str) -> str:
        """Run a command of a service's program; return what it prints."""
        return await asyncio.to_thread(self.stack.run, service, *words)


@asynccontextmanager
async def suite(stack: Stack) -> AsyncGenerator[Suite]:
    """Yield the suite that runs on this stack."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as http:
        yield Suite(stack, stack.state, http)


async def until(question: Callable[[], Awaitable[T]], what: str, seconds: float = 30) -> T:
    """Ask until the answer is truthy, and return it; raises Unexpected after `seconds`."""
    end = time.monotonic() + seconds
    last: Exception | None = None
    while time.monotonic() < end:
        try:
            if answer := await question():
                return answer
        except (Unexpected, aiohttp.ClientError) as error:
            last = error
        await asyncio.sleep(0.05)
    raise Unexpected(f"waited {seconds:.0f} s for {what}" + (f" ({last})" if last else ""))


def expect(condition: object, what: str) -> None:
    """Raise Unexpected unless the condition holds."""
    if not condition:
        raise Unexpected(f"expected {what}")
