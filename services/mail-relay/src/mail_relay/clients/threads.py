"""Opening messages for the customer of a conversation: each as they wrote it or were given it, and its files."""

import asyncio
from base64 import b64decode
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
from chassis.identity import KeyRings

from mail_relay.clients.cases import AT_ONCE, Unread
from mail_relay.clients.contents import ContentDamaged, Contents
from mail_relay.clients.handed import Found, handed_copy
from mail_relay.clients.opening import BoxErased, unlock_boxes
from mail_relay.domain.alias import Domains
from mail_relay.domain.reading import Attachment, Shown, files, read
from mail_relay.domain.rewriting import Refused


async def texts(
    rows: Sequence[asyncpg.Record], keys: KeyRings, contents: Contents, domains: Domains
) -> Mapping[UUID, Shown | Unread]:
    """Return what each message says to the customer, or why that is not shown.

    Raises ContentsAway, KeysUnavailable, SealBroken.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def shown(row: asyncpg.Record) -> Shown | Unread:
        async with room:
            copy = await copy_of(row, keys, contents, domains)
            return copy if isinstance(copy, Unread) else await asyncio.to_thread(read, copy)

    return dict(zip([row["message"] for row in rows], await asyncio.gather(*map(shown, rows)), strict=True))


async def file(
    row: asyncpg.Record, number: int, keys: KeyRings, contents: Contents, domains: Domains
) -> tuple[Attachment, bytes] | None:
    """Return a file of a message, counted from 1; None where there is none.

    Raises ContentsAway, KeysUnavailable, SealBroken.
    """
    copy = await copy_of(row, keys, contents, domains)
    return None if isinstance(copy, Unread) else await asyncio.to_thread(_file, copy, number)


async def copy_of(row: asyncpg.Record, keys: KeyRings, contents: Contents, domains: Domains) -> bytes | Unread:
    """Return a message as its customer wrote or received it, never as the seller's program sent it.

    Raises ContentsAway, KeysUnavailable, SealBroken.
    """
    if row["content_key"] is None or row["email"] is None:
        return Unread.ERASED
    try:
        boxes = await unlock_boxes([row["content_key"], row["email"]], keys)
        key, email = boxes.text(row["content_key"]), boxes.text(row["email"])
    except BoxErased:
        return Unread.ERASED
    found = Found.model_validate({**row, "content_key": key, "email": email})
    try:
        raw = await contents.get(found.message, b64decode(key))
        copy = await asyncio.to_thread(handed_copy, raw, found, domains.of(found.tenant))
    except (ContentDamaged, Refused):
        return Unread.DAMAGED
    return Unread.DAMAGED if copy is None else copy


def _file(copy: bytes, number: int) -> tuple[Attachment, bytes] | None:
    return next((one for place, one in enumerate(files(copy), start=1) if place == number), None)
