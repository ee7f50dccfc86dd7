"""The store of what is in messages, a directory or an S3 bucket: each is encrypted with a key of its own."""

import asyncio
import os
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

log = structlog.get_logger(__name__)

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ContentsAway(Exception):
    """The store of contents cannot be reached at the moment; try again."""


class ContentDamaged(Exception):
    """What is stored is not what was stored."""


class Contents:
    """Stores each content once, under the id of its message, and never changes it."""

    def __init__(self, url: str, secret: str | None = None) -> None:
        """Take `file:///directory`, or `s3://bucket/prefix`, with what is not given of it from the environment."""
        self._root: Path | None = None
        if url.startswith("file:"):
            self._root = Path(unquote(urlsplit(url).path))
            _make_folders(self._root / "messages")
        self._store: ObjectStore = from_url(url, secret_access_key=secret) if secret else from_url(url)

    async def answer(self) -> None:
        """Ask the store for a page of what it has; raises ContentsAway where it does not answer."""
        try:
            if self._root is not None:
                (self._root / "messages").stat()
            await anext(self._store.list("messages/00"), None)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] -- the stub names pyarrow
        except (BaseError, OSError) as error:
            log.warning("the store of contents does not answer", reason=type(error).__name__)
            raise ContentsAway from None

    async def put(self, message_id: UUID, content: bytes) -> bytes:
        """Encrypt a content with a new key (AES-256-GCM), store it so that it outlives a crash, and return the key.

        It lies in memory once more meanwhile.

        Raises ContentsAway.
        """
        key = AESGCM.generate_key(8 * KEY_BYTES)
        try:
            if self._root is not None:
                await asyncio.to_thread(_write_encrypted, self._root / _path(message_id), key, content, message_id)
            else:
                box = await asyncio.to_thread(_encrypted, key, content, message_id)
                await obstore.put_async(self._store, _path(message_id), box)
        except (BaseError, OSError) as error:
            # what a store says may quote credentials
            log.warning("the store of contents does not answer", reason=type(error).__name__)
            raise ContentsAway from None
        return key

    async def get(self, message_id: UUID, key: bytes) -> bytes:
        """Return a content, which lies in memory once more meanwhile. Raises ContentsAway, ContentDamaged."""
        try:
            if self._root is not None:
                return await asyncio.to_thread(_read_decrypted, self._root / _path(message_id), key, message_id)
            box = await (await obstore.get_async(self._store, _path(message_id))).bytes_async()
        except FileNotFoundError:
            raise ContentDamaged from None
        except (BaseError, OSError) as error:
            log.warning("the store of contents does not answer", reason=type(error).__name__)
            raise ContentsAway from None
        return await asyncio.to_thread(_decrypted, key, memoryview(box), message_id)

    async def remove(self, message_id: UUID) -> None:
        """Remove a content, if it is there. Raises ContentsAway."""
        try:
            await obstore.delete_async(self._store, _path(message_id))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            log.warning("the store of contents does not answer", reason=type(error).__name__)
            raise ContentsAway from None

    async def stored(self, shard: str, before: datetime) -> list[UUID]:
        """Return the ids of the contents of a shard (two hexadecimal digits) that were stored before a time.

        What else lies there is passed over. Raises ContentsAway.
        """
        found = list[UUID]()
        try:
            listed = self._store.list(f"messages/{shard}")  # pyright: ignore[reportUnknownMemberType] -- the stub names pyarrow
            async for batch in listed:
                for one in batch:
                    name = one["path"].rpartition("/")[2]
                    if one["last_modified"] < before and NAME.fullmatch(name):
                        found.append(UUID(name))
        except (BaseError, OSError) as error:
            log.warning("the store of contents does not answer", reason=type(error).__name__)
            raise ContentsAway from None
        return found


def _path(message_id: UUID) -> str:
    return f"messages/{message_id.hex[-2:]}/{message_id}"


def _encrypted(key: bytes, content: bytes, message_id: UUID) -> bytearray:
    box = bytearray(NONCE_BYTES + len(content) + TAG_BYTES)
    box[:NONCE_BYTES] = nonce = os.urandom(NONCE_BYTES)
    AESGCM(key).encrypt_into(nonce, content, message_id.bytes, memoryview(box)[NONCE_BYTES:])
    return box


def _decrypted(key: bytes, box: memoryview, message_id: UUID) -> bytes:
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], message_id.bytes)
    except InvalidTag:
        raise ContentDamaged from None


def _write_encrypted(path: Path, key: bytes, content: bytes, message_id: UUID) -> None:
    _write(path, _encrypted(key, content, message_id))


def _read_decrypted(path: Path, key: bytes, message_id: UUID) -> bytes:
    return _decrypted(key, memoryview(path.read_bytes()), message_id)


def _make_folders(root: Path) -> None:
    """Make the folders in which files will stand, once: a file is not on the disk unless its folder is."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for shard in range(256):
        (root / f"{shard:02x}").mkdir(exist_ok=True, mode=0o700)
    for folder in (root, root.parent, root.parent.parent):
        _sync(folder)


def _write(path: Path, box: bytearray) -> None:
    """Write a file that is whole or not there, and on the disk before this returns."""
    part = path.with_suffix(".part")
    with part.open("xb") as file:
        file.write(box)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
