"""A conversation as a mailbox file that mail programs open (RFC 4155, quoted as mboxrd)."""

import re
from collections.abc import AsyncGenerator, Sequence

import asyncpg
from chassis.identity import Keys

from mail_relay.clients.cases import Unread, raw
from mail_relay.clients.contents import Contents

# not application/mbox (RFC 4155), which generators of clients do not know: the name says what it is
MEDIA_TYPE = "application/octet-stream"
QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)


async def mailbox(rows: Sequence[asyncpg.Record], keys: Keys, contents: Contents) -> AsyncGenerator[bytes]:
    """Yield a conversation's messages as they were received, one after the other.

    In place of one that cannot be opened, or was damaged, stands one that says so. Raises ContentsAway, SealBroken,
    KeysUnavailable.
    """
    for row in rows:
        head = f"From {row['side']}@message-{row['number']} {row['received_at']:%a %b %d %H:%M:%S %Y}\n".encode()
        content = await raw(row["id"], row["records_key_box"], row["content_hash"], keys, contents)
        if isinstance(content, Unread):
            content = f"Subject: ({content.value})\n\nThis message cannot be opened any more.\n".encode()
        yield head + QUOTED.sub(rb">\1", content.replace(b"\r\n", b"\n")) + b"\n"
