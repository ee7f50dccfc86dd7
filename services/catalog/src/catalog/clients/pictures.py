"""The store of pictures, and the process in which they are made anew."""

import asyncio
import hashlib
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from chassis.storage import NothingThere, Shelf

from catalog.domain.errors import (
    PicturesNotKept,
    PictureTooSmall,
    PictureTooVast,
    PictureUnknown,
    PictureUnreadable,
)
from catalog.domain.presentation import WIDTHS, Picture

PROGRAM: Final = ("-I", "-m", "catalog.clients.workshop")
SECONDS: Final = 30.0
REASONS: Final = {"vast": PictureTooVast, "small": PictureTooSmall}


@dataclass(frozen=True, slots=True)
class Made:
    """A picture as it is to be stored: its files by width."""

    picture: Picture
    files: Mapping[int, bytes]


class Pictures:
    """Makes pictures anew and keeps them by tenant and hash; without a store there are none."""

    def __init__(self, url: str, secret: str | None, workshops: int = 2) -> None:
        """Take an address as that of delivery's store, empty for none."""
        self.shelf = Shelf(url, "pictures", secret) if url else None
        self._turns = asyncio.Semaphore(workshops)

    async def make(self, tenant: str, content: bytes, alt: Mapping[str, str]) -> Made:
        """Decode a picture and write it anew in each width, in a process with limits.

        Raises PicturesNotKept, PictureUnreadable, PictureTooVast, PictureTooSmall.
        """
        if self.shelf is None:
            raise PicturesNotKept
        async with self._turns:
            answer = await _made(content)
        head, _, rest = answer.partition(b"\n")
        try:
            facts = json.loads(head)
        except ValueError:  # it was killed, by its limits or by what it has read
            raise PictureUnreadable from None
        if "refused" in facts:
            raise REASONS.get(facts["refused"], PictureUnreadable)
        files: dict[int, bytes] = {}
        for width, size in zip(WIDTHS, facts["sizes"], strict=True):
            files[width], rest = rest[:size], rest[size:]
        # the tenant is part of it: what one removes, another still shows
        digest = hashlib.sha256(tenant.encode() + b"\0")
        for file in files.values():
            digest.update(file)
        return Made(Picture(digest.hexdigest(), facts["width"], facts["height"], alt), files)

    async def keep(self, made: Made) -> None:
        """Store a picture in all its widths. Raises StorageAway."""
        for width, file in made.files.items():
            await self._kept().put(made.picture.hash[:2], f"{made.picture.hash}-{width}.webp", lambda file=file: file)

    async def get(self, picture: str, width: int) -> bytes:
        """Return a picture as WebP. Raises PictureUnknown, StorageAway."""
        try:
            return await self._kept().get(picture[:2], f"{picture}-{width}.webp", bytes)
        except (NothingThere, PicturesNotKept):
            raise PictureUnknown from None

    async def remove(self, picture: str) -> None:
        """Remove a picture in all its widths. Raises StorageAway."""
        for width in WIDTHS:
            await self._kept().remove(picture[:2], f"{picture}-{width}.webp")

    def _kept(self) -> Shelf:
        if self.shelf is None:
            raise PicturesNotKept
        return self.shelf


async def _made(content: bytes) -> bytes:
    """Let the workshop make a picture anew; it gets nothing of our environment."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(SECONDS):
            answer, _ = await process.communicate(content)
    except TimeoutError:
        raise PictureUnreadable from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return answer
