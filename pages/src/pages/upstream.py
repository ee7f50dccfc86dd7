"""Asking the services over HTTP for whoever looks at a page, with their token: what they refuse is refused here."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import structlog
from chassis.telemetry import current_traceparent
from chassis.web import Problem, unavailable

from pages.visit import Visit

log = structlog.get_logger(__name__)

TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=2)
# a body that is passed on as it comes takes as long as its sender; only silence is cut off
SENDING: Final = aiohttp.ClientTimeout(total=None, connect=2, sock_read=120)
MOST_ITEMS: Final = 200
IN_FLIGHT: Final = "in-flight"
# how long the answer to a form that was pressed twice is waited for
PRESSED_TWICE_SECONDS: Final = 8


class Upstream:
    """The services by their names; one without an address is not part of this installation.

    A service that trusts so many proxies believes the address of whoever looks: it is named as often, as if each had
    seen it.
    """

    def __init__(self, addresses: Mapping[str, str], trust: Any = True, trusted_proxies: int = 1) -> None:
        self._hops = max(1, trusted_proxies)
        self.addresses = {name: url.rstrip("/") for name, url in addresses.items() if url}
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=self._trust, limit=200)
        self._session = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def has(self, service: str) -> bool:
        """Return whether the installation has a service."""
        return service in self.addresses

    async def get(self, visit: Visit | None, service: str, path: str, **query: Any) -> Any:
        """Return what a route answers; raises Problem as the service refuses, or 503 where it is away."""
        return await self.ask(visit, service, "GET", path, query=query)

    async def post(
        self, visit: Visit | None, service: str, path: str, body: object = None, *, key: str | None = None
    ) -> Any:
        """Let a route act; `key` is the Idempotency-Key of one that creates.

        While the same request is being answered (somebody has pressed twice), its answer is waited for.
        """
        until = time.monotonic() + PRESSED_TWICE_SECONDS
        while True:
            try:
                return await self.ask(visit, service, "POST", path, body=body, key=key)
            except Problem as refused:
                if refused.kind != IN_FLIGHT or time.monotonic() >= until:
                    raise
            await asyncio.sleep(0.2)

    async def put(self, visit: Visit | None, service: str, path: str, body: object) -> Any:
        """Let a route set something."""
        return await self.ask(visit, service, "PUT", path, body=body)

    async def delete(self, visit: Visit | None, service: str, path: str) -> Any:
        """Let a route remove something."""
        return await self.ask(visit, service, "DELETE", path)

    async def items(self, visit: Visit | None, service: str, path: str, **query: Any) -> list[Any]:
        """Return all items of a list, page after page, up to 200."""
        found: list[Any] = []
        while True:
            page = await self.get(visit, service, path, **query)
            found += page["items"]
            if page.get("next") is None or len(found) >= MOST_ITEMS:
                return found
            query["cursor"] = page["next"]

    async def ask(
        self,
        visit: Visit | None,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        key: str | None = None,
    ) -> Any:
        """Ask a service; returns its JSON, None where it has nothing to say."""
        if self._session is None or service not in self.addresses:
            raise Problem(404, "not-installed", "This shop does not have that.")
        headers = self._headers(visit, key)
        asked = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        try:
            async with self._session.request(
                method, self.addresses[service] + path, params=asked, json=body, headers=headers, allow_redirects=False
            ) as answer:
                return await _read(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("a service does not answer", service=service, reason=type(error).__name__)
            raise unavailable() from None

    async def send(
        self,
        visit: Visit,
        service: str,
        method: str,
        path: str,
        content: AsyncIterable[bytes] | bytes,
        media_type: str,
        **query: Any,
    ) -> Any:
        """Send a body of another type than JSON, as it comes; returns the answer's JSON.

        Raises the Problem that ends the content, where one does: what was torn is not the service's fault.
        """
        if self._session is None or service not in self.addresses:
            raise Problem(404, "not-installed", "This shop does not have that.")
        asked = {name: _text(value) for name, value in query.items() if value is not None}
        headers = self._headers(visit, None) | {"Content-Type": media_type}
        torn: list[Problem] = []
        data = content if isinstance(content, bytes) else _watched(content, torn)
        try:
            async with self._session.request(
                method,
                self.addresses[service] + path,
                params=asked,
                data=data,
                headers=headers,
                timeout=SENDING,
                allow_redirects=False,
            ) as answer:
                found = await _read(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            if torn:
                raise torn[0] from None
            log.warning("a service does not answer", service=service, reason=type(error).__name__)
            raise unavailable() from None
        return found

    async def stream(
        self, visit: Visit, service: str, path: str, *, method: str = "GET", **query: Any
    ) -> aiohttp.ClientResponse:
        """Return the answer of a route whose body is passed on as it comes; the caller closes it."""
        if self._session is None or service not in self.addresses:
            raise Problem(404, "not-installed", "This shop does not have that.")
        asked = {name: _text(value) for name, value in query.items() if value is not None}
        try:
            answer = await self._session.request(
                method,
                self.addresses[service] + path,
                params=asked,
                headers=self._headers(visit, None),
                timeout=SENDING,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError):
            raise unavailable() from None
        if answer.status >= 400:
            await _read(answer)
        return answer

    def _headers(self, visit: Visit | None, key: str | None) -> dict[str, str]:
        headers: dict[str, str] = {"Accept": "application/json"}
        if visit is not None:
            headers["X-Forwarded-For"] = ", ".join([visit.address] * self._hops)
            if visit.token:
                headers["Authorization"] = f"Bearer {visit.token}"
        if traceparent := current_traceparent():
            headers["traceparent"] = traceparent
        if key is not None:
            headers["Idempotency-Key"] = key
        return headers


async def _watched(content: AsyncIterable[bytes], torn: list[Problem]) -> AsyncIterator[bytes]:
    """Pass content on, and keep the Problem that ends it: the client that sends it tells only that it has ended."""
    try:
        async for chunk in content:
            yield chunk
    except Problem as problem:
        torn.append(problem)
        raise


async def _read(answer: aiohttp.ClientResponse) -> Any:
    if answer.status >= 300 and answer.status != 303:
        await _refuse(answer)
    if answer.status == 303:
        return {"location": answer.headers.get("Location", "")}
    if answer.status == 204 or answer.content_type != "application/json":
        return None
    found: Any = await answer.json()
    if answer.status == 202:
        found["pending"] = True
    return found


async def _refuse(answer: aiohttp.ClientResponse) -> None:
    members: dict[str, Any] = {}
    if "json" in answer.content_type:
        members = await answer.json(content_type=None)
    kind = str(members.pop("type", "/problems/internal")).rpartition("/")[2]
    title = str(members.pop("title", "Something went wrong on our side; it is recorded."))
    members.pop("status", None)
    after = {"Retry-After": answer.headers["Retry-After"]} if "Retry-After" in answer.headers else {}
    status = answer.status if answer.status < 500 else 503
    raise Problem(status, kind, title, after, **{name: value for name, value in members.items() if name.isidentifier()})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
