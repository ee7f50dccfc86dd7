"""The store of what is in messages, a directory or an S3 bucket: each is encrypted with a key of its own."""

import os
import re
from datetime import datetime
from functools import partial
from uuid import UUID

from chassis.storage import NothingThere, Shelf
from chassis.storage import StorageAway as ContentsAway
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["ContentDamaged", "Contents", "ContentsAway"]

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ContentDamaged(Exception):
    """What is stored is not what was stored."""


class Contents:
    """Stores each content once, under the id of its message, and never changes it."""

    def __init__(self, url: str, secret: str | None = None) -> None:
        """Take `file:///directory`, or `s3://bucket/prefix`, with what is not given of it from the environment."""
        self._shelf = Shelf(url, "messages", secret)

    async def answer(self) -> None:
        """Ask the store for a page of what it has; raises ContentsAway where it does not answer."""
        await self._shelf.answer()

    async def put(self, message_id: UUID, content: bytes) -> bytes:
        """Encrypt a content with a new key (AES-256-GCM), store it so that it outlives a crash, and return the key.

        It lies in memory once more meanwhile.

        Raises ContentsAway.
        """
        key = AESGCM.generate_key(8 * KEY_BYTES)
        await self._shelf.put(_folder(message_id), str(message_id), partial(_encrypted, key, content, message_id))
        return key

    async def get(self, message_id: UUID, key: bytes) -> bytes:
        """Return a content, which lies in memory once more meanwhile. Raises ContentsAway, ContentDamaged."""
        try:
            return await self._shelf.get(
                _folder(message_id), str(message_id), lambda box: _decrypted(key, box, message_id)
            )
        except NothingThere:
            raise ContentDamaged from None

    async def remove(self, message_id: UUID) -> None:
        """Remove a content, if it is there. Raises ContentsAway."""
        await self._shelf.remove(_folder(message_id), str(message_id))

    async def stored(self, shard: str, before: datetime) -> list[UUID]:
        """Return the ids of the contents of a shard (two hexadecimal digits) that were stored before a time.

        What else lies there is passed over. Raises ContentsAway.
        """
        return [UUID(name) for name in await self._shelf.stored(shard, before) if NAME.fullmatch(name)]


def _folder(message_id: UUID) -> str:
    return message_id.hex[-2:]


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
