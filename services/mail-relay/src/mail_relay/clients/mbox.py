"""A conversation as a mailbox file that mail programs open (RFC 4155, quoted as mboxrd)."""

import hashlib
import re
from base64 import b64decode
from collections.abc import AsyncGenerator, Sequence

import asyncpg
from chassis.identity import Keys
from contracts.event import Sealed

from mail_relay.clients.contents import ContentDamaged, Contents

# not application/mbox (RFC 4155), which generators of clients do not know: the name says what it is
MEDIA_TYPE = "application/octet-stream"
QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)


async def mailbox(rows: Sequence[asyncpg.Record], keys: Keys, contents: Contents) -> AsyncGenerator[bytes]:
    """Yield a conversation's messages as they were received, one after the other.

    In place of one whose key has been destroyed, or that nobody has a key for, stands a line that says so. Raises
    ContentsAway, ContentDamaged, SealBroken, KeysUnavailable.
    """
    for row in rows:
        head = f"From {row['side']}@message-{row['number']} {row['received_at']:%a %b %d %H:%M:%S %Y}\n".encode()
        box = row["records_key_box"]
        key = keys.open(Sealed.parse(box)) if box else None
        if not isinstance(key, str):
            yield head + b"Subject: (erased)\n\nThis message cannot be opened any more.\n\n"
            continue
        content = await contents.get(row["id"], b64decode(key))
        if hashlib.sha256(content).digest() != row["content_hash"]:
            raise ContentDamaged
        yield head + QUOTED.sub(rb">\1", content.replace(b"\r\n", b"\n")) + b"\n"
