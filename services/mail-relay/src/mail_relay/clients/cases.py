"""Opening what is kept of a conversation, for a reviewer: each content is read, and nothing opened is kept."""

import asyncio
import hashlib
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chassis.identity import Keys
from contracts.event import Sealed

from mail_relay.clients.contents import ContentDamaged, Contents
from mail_relay.domain.attempt import Envelope
from mail_relay.domain.reading import Shown, read

AT_ONCE = 8  # contents in memory, of 10 MiB at most each


class Unread(StrEnum):
    """Why what a message says is not shown: its time is over, its key was destroyed, or it is not what was stored."""

    REMOVED = "removed"
    ERASED = "erased"
    DAMAGED = "damaged"


async def raw(message_id: UUID, box: str | None, content_hash: bytes, keys: Keys, contents: Contents) -> bytes | Unread:
    """Return a message as it was received. Raises ContentsAway, KeysUnavailable, SealBroken."""
    if box is None:
        return Unread.REMOVED
    key = await asyncio.to_thread(keys.open, Sealed.parse(box))
    if not isinstance(key, str):
        return Unread.ERASED
    try:
        content = await contents.get(message_id, b64decode(key))
    except ContentDamaged:
        return Unread.DAMAGED
    same = await asyncio.to_thread(hashlib.sha256, content)
    return content if same.digest() == content_hash else Unread.DAMAGED


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be opened: of a message or a refusal."""

    id: UUID
    box: str | None
    content_hash: bytes


def envelope(box: str | None, keys: Keys) -> Envelope | None:
    """Return an envelope; None once its time is over. Raises KeysUnavailable, SealBroken."""
    text = keys.open(Sealed.parse(box)) if box else None
    return Envelope.read(text) if isinstance(text, str) else None


async def texts(found: Sequence[Content], keys: Keys, contents: Contents) -> dict[UUID, Shown | Unread]:
    """Return what each message says, or why that is not shown. Raises ContentsAway, KeysUnavailable, SealBroken."""
    room = asyncio.Semaphore(AT_ONCE)

    async def shown(one: Content) -> Shown | Unread:
        async with room:
            opened = await raw(one.id, one.box, one.content_hash, keys, contents)
            return opened if isinstance(opened, Unread) else await asyncio.to_thread(read, opened)

    return dict(zip([one.id for one in found], await asyncio.gather(*map(shown, found)), strict=True))
