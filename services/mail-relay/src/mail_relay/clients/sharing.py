"""What messages say, for an export: as the customer wrote them, or as they were handed to the customer."""

import asyncio
from base64 import b64decode
from dataclasses import asdict
from typing import Any

from mail_relay.clients.contents import ContentDamaged, Contents
from mail_relay.clients.handed import Found, handed_copy
from mail_relay.domain.alias import Domains
from mail_relay.domain.reading import read
from mail_relay.domain.rewriting import Refused

# of a message's record, what belongs to the customer; all else is for opening it
KEPT = ("conversation", "message", "number", "written_by", "received_at", "settled_at", "state", "size")


async def add_contents(content: dict[str, Any], contents: Contents, domains: Domains) -> None:
    """Put what each message says in the place of what opens it, one content in memory at a time.

    A message that cannot be read any more has no text. Raises ContentsAway.
    """
    messages: list[dict[str, Any]] = content["messages"]
    content["messages"] = [
        {name: one[name] for name in KEPT} | await _words(Found.model_validate(one), contents, domains)
        for one in messages
    ]


async def _words(found: Found, contents: Contents, domains: Domains) -> dict[str, Any]:
    shown = None
    if found.content_key is not None:
        try:
            raw = await contents.get(found.message, b64decode(found.content_key))
            copy = await asyncio.to_thread(handed_copy, raw, found, domains.of(found.tenant))
            shown = None if copy is None else await asyncio.to_thread(read, copy)
        except (ContentDamaged, Refused):
            shown = None
    if shown is None:
        return {"subject": None, "text": None, "attachments": None}
    return {"subject": shown.subject, "text": shown.text, "attachments": [asdict(one) for one in shown.attachments]}
