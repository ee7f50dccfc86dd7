"""Bodies of several parts (multipart/form-data, RFC 7578): read as they arrive, each part within its limits."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from chassis.web.problems import Problem
from chassis.web.reading import BROKEN, broken, too_large

T = TypeVar("T")
MULTIPART: Final = "multipart/form-data"
CHUNK: Final = 65_536
IDLE_SECONDS: Final = 60.0
ANY_BYTES: Final = "application/octet-stream"
# what aiohttp makes of parts that are none: without an end, with endless heads, or with names that are no text
TORN: Final = (ValueError, AssertionError, RuntimeError, HttpProcessingError)


@dataclass(slots=True)
class Part:
    """A part of a body: a field, or a file, which has a file name (an empty one where none was chosen)."""

    name: str
    file_name: str | None
    media_type: str
    _reader: BodyPartReader
    _body: "Multipart"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what the part holds as it arrives; raises Problem for a torn or slow body."""
        while chunk := await self._body.reading(self._reader.read_chunk(CHUNK)):
            yield chunk

    async def whole(self, limit: int) -> bytes:
        """Return what the part holds; raises Problem 413 where it is more."""
        found = bytearray()
        async for chunk in self.chunks():
            found += chunk
            if len(found) > limit:
                raise too_large(limit)
        return bytes(found)

    async def text(self, limit: int) -> str:
        """Return the value of a field; raises Problem for one that is too long, or no text without NUL."""
        value = await self.whole(limit)
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise malformed() from None
        if "\0" in text:
            raise malformed()
        return text


@dataclass(slots=True)
class Multipart:
    """A body of so many parts at most, all of which arrive by `until` (of the machine's clock that never goes back).

    Parts within parts are refused. No transaction is to be open while it is read.
    """

    reader: MultipartReader
    most: int
    until: float
    _seen: int = field(default=0)

    async def next(self) -> Part | None:
        """Return the next part, None after the last; raises Problem for one that is none, or one too many."""
        part = await self.reading(self.reader.next())
        if part is None:
            return None
        self._seen += 1
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise malformed()
        if self._seen > self.most:
            raise Problem(413, "too-many-parts", "The request has too many parts.", limit=self.most)
        if not is_text(part.name) or not is_text(part.filename or ""):
            raise malformed()
        media_type = part.headers.get("Content-Type", ANY_BYTES).partition(";")[0].strip()
        return Part(part.name, part.filename, media_type, part, self)

    async def reading(self, step: Coroutine[Any, Any, T]) -> T:
        """Take one step of reading; raises Problem where the body is torn, slow or none."""
        try:
            async with asyncio.timeout(min(IDLE_SECONDS, max(0.0, self.until - time.monotonic()))):
                return await step
        except TORN:
            raise malformed() from None
        except BROKEN:
            raise broken() from None
        except TimeoutError:
            raise Problem(408, "too-slow", "The request body did not arrive in time.") from None


async def multipart(request: web.Request, *, most_parts: int, seconds: float) -> Multipart:
    """Begin to read a body of several parts; raises Problem 415 for another one."""
    if request.content_type != MULTIPART:
        raise Problem(415, "unsupported-media-type", f"Send {MULTIPART}.")
    try:
        reader = await request.multipart()
    except TORN:
        raise malformed() from None
    return Multipart(reader, most_parts, time.monotonic() + seconds)


def malformed() -> Problem:
    """Return the problem of a body whose parts cannot be told apart."""
    return Problem(400, "malformed", "The parts of the request cannot be read.")


def is_text(text: str) -> bool:
    """Return whether a name of a head is text: other octets would be read as halves of signs."""
    return text.isascii() or text.encode("utf-8", "replace").decode() == text
