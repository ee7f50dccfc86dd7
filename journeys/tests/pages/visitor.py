"""A visitor without a browser, who can send what no browser would."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

Answer = tuple[int, str, Mapping[str, str]]
HIDDEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@dataclass
class Visitor:
    """Sends requests to a shop's address, and keeps its cookies."""

    http: aiohttp.ClientSession
    address: str
    token: str = ""

    async def get(self, path: str, **headers: str) -> Answer:
        """Return status, text and headers of a page; its form token is kept for the next form."""
        return await self._ask("GET", path, headers, None)

    async def post(self, path: str, fields: dict[str, str] | str | bytes, **headers: str) -> Answer:
        """Send a form, with the token of the last page unless it has one of its own."""
        if isinstance(fields, dict):
            fields = {"token": self.token, **fields}
        return await self._ask("POST", path, headers, fields)

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], data: dict[str, str] | str | bytes | None
    ) -> Answer:
        sent = {"Accept": "text/html", "Host": urlsplit(self.address).netloc}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        port = urlsplit(self.address).port
        url = f"http://127.0.0.1:{port}{path}"
        async with self.http.request(method, url, headers=sent, data=data, allow_redirects=False) as answer:
            text = await answer.text(errors="replace")
            if found := HIDDEN.search(text):
                self.token = found[1]
            return answer.status, text, answer.headers


@asynccontextmanager
async def visitor(address: str) -> AsyncGenerator[Visitor]:
    """Give a visitor with empty pockets."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Visitor(http, address)
