"""A shelf: whole contents of one kind, in a directory or an S3 bucket, each stored once and never changed."""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

log = structlog.get_logger(__name__)
T = TypeVar("T")

FOLDERS: Final = tuple(f"{number:02x}" for number in range(256))


class StorageAway(Exception):
    """The store cannot be reached at the moment; try again."""


class NothingThere(Exception):
    """Nothing is stored under this name."""


class Shelf:
    """Contents by name, spread over 256 folders; a name is one part of a path, a folder two hexadecimal digits.

    Contents are made and read in a thread, so that whoever encrypts them holds up nobody else.
    """

    def __init__(self, url: str, name: str, secret: str | None = None) -> None:
        """Take `file:///directory`, or `s3://bucket/prefix`, with what is not given of it from the environment."""
        self._name = name
        self._root: Path | None = None
        if url.startswith("file:"):
            self._root = Path(unquote(urlsplit(url).path))
            _make_folders(self._root / name)
        self._store: ObjectStore = from_url(url, secret_access_key=secret) if secret else from_url(url)

    async def answer(self) -> None:
        """Ask the store for a page of what it has; raises StorageAway where it does not answer."""
        try:
            if self._root is not None:
                (self._root / self._name).stat()
            await anext(self._store.list(f"{self._name}/00"), None)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] -- the stub names pyarrow
        except (BaseError, OSError) as error:
            raise _away(error) from None

    async def put(self, folder: str, name: str, make: Callable[[], bytes | bytearray]) -> None:
        """Store what `make` returns, so that it outlives a crash; it is whole or not there. Raises StorageAway."""
        try:
            if self._root is not None:
                await asyncio.to_thread(_write, self._root / self._path(folder, name), make)
            else:
                content = await asyncio.to_thread(make)
                await obstore.put_async(self._store, self._path(folder, name), content)
        except (BaseError, OSError) as error:
            raise _away(error) from None

    async def get(self, folder: str, name: str, read: Callable[[memoryview], T]) -> T:
        """Return what `read` makes of a content. Raises StorageAway, NothingThere."""
        try:
            if self._root is not None:
                return await asyncio.to_thread(_read, self._root / self._path(folder, name), read)
            content = await (await obstore.get_async(self._store, self._path(folder, name))).bytes_async()
        except FileNotFoundError:
            raise NothingThere from None
        except (BaseError, OSError) as error:
            raise _away(error) from None
        return await asyncio.to_thread(read, memoryview(content))

    async def remove(self, folder: str, name: str) -> None:
        """Remove a content, if it is there. Raises StorageAway."""
        try:
            await obstore.delete_async(self._store, self._path(folder, name))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _away(error) from None

    async def stored(self, folder: str, before: datetime) -> list[str]:
        """Return the names in a folder that were stored before a time. Raises StorageAway."""
        found = list[str]()
        try:
            listed = self._store.list(f"{self._name}/{folder}")  # pyright: ignore[reportUnknownMemberType] -- the stub names pyarrow
            async for batch in listed:
                found += (one["path"].rpartition("/")[2] for one in batch if one["last_modified"] < before)
        except (BaseError, OSError) as error:
            raise _away(error) from None
        return found

    def _path(self, folder: str, name: str) -> str:
        # whoever lets others choose a name has looked at it; this keeps a mistake from leaving the shelf
        if folder not in FOLDERS or not name or name.startswith(".") or "/" in name or "\0" in name:
            raise NothingThere
        return f"{self._name}/{folder}/{name}"


def _away(error: Exception) -> StorageAway:
    """Whatever a store raises means that it cannot be had now; what it says may quote credentials."""
    log.warning("the store of contents does not answer", reason=type(error).__name__)
    return StorageAway()


def _make_folders(root: Path) -> None:
    """Make the folders in which files will stand, once: a file is not on the disk unless its folder is."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in FOLDERS:
        (root / folder).mkdir(exist_ok=True, mode=0o700)
    for folder in (root, root.parent, root.parent.parent):
        _sync(folder)


def _read(path: Path, read: Callable[[memoryview], T]) -> T:
    return read(memoryview(path.read_bytes()))


def _write(path: Path, make: Callable[[], bytes | bytearray]) -> None:
    """Write a file that is whole or not there, and on the disk before this returns."""
    content = make()
    part = path.with_suffix(f".{os.urandom(6).hex()}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
