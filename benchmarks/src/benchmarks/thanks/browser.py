"""A customer's browser, as far as an order's page needs it: cookies, forms, and a stream of events."""

import re
import socket
import time
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

FORM = re.compile(r"<form(?P<head>[^>]*)>(?P<body>.*?)</form>", re.DOTALL)
ACTION = re.compile(r'action="([^"]*)"')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class _ThisMachine(AbstractResolver):
    """Finds every name here, as browsers do for those below `localhost`."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        """Return this machine."""
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Do nothing."""


def browser() -> aiohttp.ClientSession:
    """Return a browser with an empty cookie jar."""
    timeout = aiohttp.ClientTimeout(total=120)
    jar, connector = aiohttp.CookieJar(unsafe=True), aiohttp.TCPConnector(resolver=_ThisMachine())
    return aiohttp.ClientSession(cookie_jar=jar, connector=connector, timeout=timeout)


@dataclass(frozen=True, slots=True)
class Shown:
    """When an order's page showed the finished delivery (a Unix time), and how often it changed until then."""

    at: float
    changes: int


@dataclass(slots=True)
class Customer:
    """Somebody signed in to a shop's pages."""

    http: aiohttp.ClientSession
    address: str

    async def sign_in(self, email: str, password: str) -> None:
        """Sign in, wherever that page is. Raises RuntimeError where that does not lead back to the account."""
        async with self.http.get(f"{self.address}/sign-in?after=/account") as answer:
            text, at = await answer.text(), str(answer.url)
        form = next(found for found in FORM.finditer(text) if 'name="password"' in found["body"])
        action = ACTION.search(form["head"])
        target = urljoin(at, unescape(action[1])) if action else at
        fields = {name: unescape(value) for name, value in HIDDEN.findall(form["body"])}
        fields |= {"email": email, "password": password}
        async with self.http.post(target, data=fields, headers={"Origin": urljoin(target, "/").rstrip("/")}) as answer:
            if answer.status != 200 or not str(answer.url).startswith(f"{self.address}/account"):
                raise RuntimeError(f"signing in ended at {answer.url} with {answer.status}")

    async def follow(self, order: str) -> Shown:
        """Watch the page of an order until it shows the finished delivery. Raises RuntimeError if it ends before."""
        changes, at, name = 0, 0.0, ""
        async with self.http.get(f"{self.address}/orders/{order}/events") as answer:
            lines: Any = answer.content
            async for raw in lines:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif not line and name == "page":
                    changes, at = changes + 1, time.time()
                elif not line and name == "end":
                    return Shown(at, changes)
        raise RuntimeError("the page of an order ended before the delivery did")
