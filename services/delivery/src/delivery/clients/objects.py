"""The private store of files: a directory or an S3 bucket, which nobody but delivery reads (DEL-1)."""

import asyncio
import fcntl
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
import structlog
from obstore.store import ObjectStore, from_url

from delivery.clients.peers import LocalSource, RemoteSource, Source
from delivery.domain.files import Content, FileDamaged, FileEmpty, FileTooLarge, HashDiffers, UploadTorn

log = structlog.get_logger(__name__)

PART_BYTES = 8 * 2**20
READ_BYTES = 2**20
# S3 copies no object larger than this in one go; such a one is written anew.
LARGEST_COPY_BYTES = 5 * 2**30
SILENT_SECONDS = 60.0
TORN_SECONDS = 6 * 3600.0


class StorageAway(Exception):
    """The store of files cannot be reached at the moment; try again."""


@dataclass(frozen=True, slots=True)
class Received:
    """What an upload has left under a temporary name."""

    path: str
    sha256: str
    size: int


class Objects:
    """Stores contents under their hash; what is being received has a name of its own until it is whole."""

    def __init__(self, url: str, secret: str | None = None) -> None:
        """Take `file:///directory`, or `s3://bucket/prefix`, with what is not given of it from the environment."""
        self._root: Path | None = None
        if url.startswith("file:"):
            self._root = Path(unquote(urlsplit(url).path))
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._root / "incoming").mkdir(exist_ok=True, mode=0o700)
        self._store: ObjectStore = from_url(url, secret_access_key=secret) if secret else from_url(url)

    async def answer(self) -> None:
        """Ask the store for a page of what is being received; raises StorageAway where it does not answer."""
        try:
            if self._root is not None:
                (self._root / "incoming").stat()
            await anext(self._store.list("incoming"), None)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] -- the stub names pyarrow
        except Exception as error:
            raise _away(error) from error

    async def receive(
        self, body: AsyncIterator[bytes], *, length: int | None, limit: int, sha256: str | None
    ) -> Received:
        """Store what arrives under a temporary name; what is torn, too large or another content leaves nothing."""
        path = f"incoming/{uuid4()}"
        digest, size = hashlib.sha256(), 0

        async def parts() -> AsyncIterator[bytes]:
            nonlocal size
            while True:
                try:
                    async with asyncio.timeout(SILENT_SECONDS):
                        part = await anext(body, b"")
                except (TimeoutError, OSError) as error:
                    raise UploadTorn from error
                if not part:
                    break
                size += len(part)
                if size > limit:
                    raise FileTooLarge
                digest.update(part)
                yield part
            # Judged before the store makes the object visible.
            if length is not None and size != length:
                raise UploadTorn
            if size == 0:
                raise FileEmpty
            if sha256 is not None and digest.hexdigest() != sha256:
                raise HashDiffers

        try:
            await obstore.put_async(self._store, path, parts(), chunk_size=PART_BYTES, max_concurrency=2)
            await self._sync(path)
        except (UploadTorn, FileTooLarge, FileEmpty, HashDiffers):
            await self.discard(path)
            raise
        except Exception as error:
            await self.discard(path)
            raise _away(error) from error
        return Received(path, digest.hexdigest(), size)

    async def keep(self, tenant: str, received: Received) -> Content:
        """Move what was received to the path of its hash, unless the same bytes are there already: those stay.

        So uploads of the same bytes at the same time all know one tag, and it does not matter who records it last.
        """
        try:
            while True:
                existing = await self._stored(tenant, received)
                if existing is not None and existing.size == received.size and await self._whole(tenant, existing):
                    await self.discard(received.path)
                    return existing
                etag = await self._move(tenant, received, existing)
                if etag is not None:
                    return Content(received.sha256, received.size, etag)
        except FileNotFoundError:
            raise
        except Exception as error:
            raise _away(error) from error

    async def discard(self, path: str) -> None:
        """Remove a temporary object, if it is there."""
        try:
            await obstore.delete_async(self._store, path)
        except FileNotFoundError:
            return
        except Exception as error:
            log.warning("a temporary object is left to the sweep", reason=type(error).__name__)

    async def remove(self, tenant: str, content: Content) -> None:
        """Remove a content that is not there any more for anybody; where it is gone, nothing happens.

        In a directory only what was recorded goes: an upload may have put the same bytes there meanwhile. A content
        without a tag goes in any case.
        """
        path = _path(tenant, content.sha256)
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                if self._root is not None:
                    await asyncio.to_thread(_remove_file, self._root, path, content.etag)
                else:
                    await obstore.delete_async(self._store, path)
        except FileNotFoundError:
            return
        except Exception as error:
            raise _away(error) from error

    async def sound(self, tenant: str, content: Content) -> bool:
        """Return whether size and tag are still those of what was stored: the cheap check (DEL-9)."""
        try:
            return await self._stat(tenant, content.sha256) == (content.size, content.etag)
        except FileNotFoundError:
            return False
        except Exception as error:
            raise _away(error) from error

    async def open(self, tenant: str, content: Content) -> Source:
        """Return the content for reading, to be closed; raises FileDamaged where the cheap check fails."""
        if not await self.sound(tenant, content):
            raise FileDamaged
        path = _path(tenant, content.sha256)
        if self._root is None:
            return RemoteSource(self._store, path)
        return LocalSource(os.open(self._root / path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW))

    async def verified(self, tenant: str, content: Content) -> Content | None:
        """Read a whole content again; return what is stored, or None where it is not what its hash says."""
        digest = hashlib.sha256()
        try:
            source = await obstore.get_async(self._store, _path(tenant, content.sha256))
            async for part in source.stream(READ_BYTES):
                await asyncio.to_thread(digest.update, memoryview(part))
            size, etag = await self._stat(tenant, content.sha256)
        except FileNotFoundError:
            return None
        return Content(content.sha256, size, etag) if digest.hexdigest() == content.sha256 else None

    async def sweep(self) -> int:
        """Remove what torn uploads have left; return how many objects."""
        if self._root is not None:
            return await asyncio.to_thread(_sweep_directory, self._root / "incoming")
        removed = 0
        listed = self._store.list("incoming")  # pyright: ignore[reportUnknownMemberType] -- the stub names pyarrow
        async for batch in listed:
            for found in batch:
                if time.time() - found["last_modified"].timestamp() > TORN_SECONDS:
                    await self.discard(found["path"])
                    removed += 1
        return removed

    async def _stored(self, tenant: str, received: Received) -> Content | None:
        try:
            return Content(received.sha256, *await self._stat(tenant, received.sha256))
        except FileNotFoundError:
            return None

    async def _whole(self, tenant: str, existing: Content) -> bool:
        # It may have been changed, or left by a process that died before it recorded it.
        try:
            return await self.verified(tenant, existing) == existing
        except Exception as error:
            if self._root is None:
                raise
            # A disk that cannot read a file any more can still have it replaced.
            log.warning("a stored file cannot be read, and is replaced", reason=type(error).__name__)
            return False

    async def _move(self, tenant: str, received: Received, instead_of: Content | None) -> str | None:
        """Move what was received to its path; return its tag, or None where another was faster."""
        path = _path(tenant, received.sha256)
        if self._root is not None:
            etag = None if instead_of is None else instead_of.etag
            return await asyncio.to_thread(_move_file, self._root, received.path, path, etag)
        # Not every S3 store can spare what is there; but there, the same bytes written the same way have one tag.
        if received.size > LARGEST_COPY_BYTES:
            source = await obstore.get_async(self._store, received.path)
            await obstore.put_async(
                self._store, path, source.stream(PART_BYTES), chunk_size=PART_BYTES, max_concurrency=2
            )
            await self.discard(received.path)
        else:
            await obstore.rename_async(self._store, received.path, path)
        return (await self._stat(tenant, received.sha256))[1]

    async def _stat(self, tenant: str, sha256: str) -> tuple[int, str]:
        path = _path(tenant, sha256)
        if self._root is None:
            found = await obstore.head_async(self._store, path)
            return found["size"], found["e_tag"] or ""
        stat = os.lstat(self._root / path)
        return stat.st_size, _tag(stat)

    async def _sync(self, path: str) -> None:
        if self._root is not None:
            await asyncio.to_thread(_sync_file, self._root / path)


def _path(tenant: str, sha256: str) -> str:
    # A tenant's name becomes a directory only if it can mean nothing else.
    plain = re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", tenant) is not None
    directory = tenant if plain else "~" + hashlib.sha256(tenant.encode()).hexdigest()
    return f"objects/{directory}/{sha256[:2]}/{sha256}"


def _away(error: Exception) -> Exception:
    """Whatever a store raises means that it cannot be had now; what it says may quote credentials."""
    log.warning("the store of files does not answer", reason=type(error).__name__)
    return StorageAway()


def _tag(stat: os.stat_result) -> str:
    return f"{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_ctime_ns:x}"


def _move_file(root: Path, source: str, path: str, instead_of: str | None) -> str | None:
    """Move a file to where nothing is, or what has this tag; return its own tag, None where something else is there."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not a link and an unlink, which is how obstore spares what is there: the unlink changes the tag once more.
    with (root / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if _tag(os.lstat(target)) != instead_of:
                return None
        except FileNotFoundError:
            pass
        os.rename(root / source, target)
        return _tag(os.lstat(target))


def _remove_file(root: Path, path: str, etag: str) -> None:
    with (root / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _tag(os.lstat(root / path)) == etag or not etag:
            os.unlink(root / path)
        else:
            log.warning("a stored file is not what was to be removed, and stays", path=path)


def _sync_file(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _sweep_directory(directory: Path) -> int:
    removed = 0
    with os.scandir(directory) as entries:
        for entry in entries:
            if time.time() - entry.stat(follow_symlinks=False).st_mtime > TORN_SECONDS:
                os.unlink(entry.path)
                removed += 1
    return removed
