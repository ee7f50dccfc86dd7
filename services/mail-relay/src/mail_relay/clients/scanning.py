"""Asking clamd whether there is malware in something (MAIL-16), by its command INSTREAM (clamd(8))."""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

log = structlog.get_logger(__name__)

CHUNK = 2**16
LONGEST_ANSWER = 4096
NAME = re.compile(rb"stream: (.{1,200}) FOUND\Z")


class ScannerAway(Exception):
    """It cannot be told now whether there is malware in a message; try again."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """The clamd at `unix:///path` or `tcp://host:port`, which gets so many seconds for each file."""

    url: str
    seconds: float = 60

    async def finds(self, content: bytes) -> bool:
        """Return whether something is malware. Raises ScannerAway, also for what clamd does not look into."""
        try:
            async with asyncio.timeout(self.seconds):
                answer = await self._answer(content)
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            log.warning("clamd does not answer", reason=type(error).__name__)
            raise ScannerAway from None
        if answer == b"stream: OK":
            return False
        if found := NAME.match(answer):
            log.warning("malware was found", signature=found[1].decode("ascii", "replace"))
            return True
        log.error("clamd does not look into something: see its StreamMaxLength", size=len(content))
        raise ScannerAway

    async def _answer(self, content: bytes) -> bytes:
        at = urlsplit(self.url)
        if at.scheme == "unix":
            reader, writer = await asyncio.open_unix_connection(at.path)
        else:
            reader, writer = await asyncio.open_connection(at.hostname, at.port)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                chunk = content[start : start + CHUNK]
                writer.write(len(chunk).to_bytes(4) + chunk)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.read(LONGEST_ANSWER)).rstrip(b"\0\n")
        finally:
            writer.close()
