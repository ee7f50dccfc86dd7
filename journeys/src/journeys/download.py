"""Download as a browser does, and as impatient people do."""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from journeys.suite import Suite, Unexpected

FORM = re.compile(r'action="([^"]+/files/[^"]+)"')
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class Landing:
    """What a link's page shows of its first file."""

    status: int
    sha256: str
    button: str
    text: str


async def open_link(suite: Suite, link: str) -> Landing:
    """Open a link from an e-mail; nothing is consumed by that."""
    async with suite.http.get(link) as answer:
        text = await answer.text()
        found, button = SHA256.search(text), FORM.search(text)
        address = button[1] if button else ""
        if address.startswith("/"):
            parts = urlsplit(link)
            address = f"{parts.scheme}://{parts.netloc}{address}"
        return Landing(answer.status, found[0] if found else "", address, text)


async def press(suite: Suite, landing: Landing, expect: int = 303) -> str:
    """Press the page's button; return the secret address that it leads to."""
    async with suite.http.post(landing.button, allow_redirects=False) as answer:
        if answer.status != expect:
            raise Unexpected(f"the button answered {answer.status}")
        address = answer.headers.get("Location", "")
    if address.startswith("/"):
        parts = urlsplit(landing.button)
        address = f"{parts.scheme}://{parts.netloc}{address}"
    return address


async def fetch(suite: Suite, address: str, **headers: str) -> tuple[bytes, Any]:
    """Return the whole body and the headers."""
    async with suite.http.get(address, headers=headers) as answer:
        return await answer.read(), answer.headers


async def fetch_part(suite: Suite, address: str, share: float) -> tuple[bytes, str]:
    """Read this share of the file, then cut the connection; return what came and the ETag."""
    async with suite.http.get(address) as answer:
        wanted = int((answer.content_length or 0) * share)
        body = bytearray()
        while len(body) < wanted:
            body += await answer.content.read(min(65_536, wanted - len(body)))
        etag = answer.headers["ETag"]
        answer.close()
    return bytes(body), etag


async def take_headers_only(address: str) -> None:
    """Ask for a file, read the headers, never the body, and leave."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1024)
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    await writer.drain()
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(0.3)
    writer.transport.abort()


async def download(suite: Suite, link: str) -> tuple[bytes, Landing]:
    """Open the link, press the button, fetch the file."""
    landing = await open_link(suite, link)
    body, _ = await fetch(suite, await press(suite, landing))
    return body, landing


def sha256(body: bytes) -> str:
    """Return the hash as the landing page shows it."""
    return hashlib.sha256(body).hexdigest()
