"""What messages say, for an export: as the customer wrote them, or as they were handed to the customer."""

import asyncio
from base64 import b64decode
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from mail_relay.clients.contents import ContentDamaged, Contents
from mail_relay.domain.alias import Domain, Domains, Side
from mail_relay.domain.reading import Shown, read
from mail_relay.domain.rewriting import Refused, Way, rewrite

# of a message's record, what belongs to the customer; all else is for opening it
KEPT = ("conversation", "message", "number", "written_by", "received_at", "settled_at", "state", "size")


class Found(BaseModel):
    """A message's record with what opens it; boxes are opened already, or null."""

    tenant: str
    message: UUID
    written_by: Side
    received_at: datetime
    message_id: str
    content_key: str | None
    seller_name: str | None
    hidden: list[str]
    seller_alias: str
    buyer_alias: str
    email: str | None


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
            shown = await asyncio.to_thread(_shown, raw, found, domains.of(found.tenant))
        except (ContentDamaged, Refused):
            shown = None
    if shown is None:
        return {"subject": None, "text": None, "attachments": None}
    return {"subject": shown.subject, "text": shown.text, "attachments": [asdict(one) for one in shown.attachments]}


def _shown(raw: bytes, found: Found, domain: Domain) -> Shown | None:
    """Return what a message says to the customer: nothing of a seller's where it would show who is behind the alias."""
    if found.written_by is Side.BUYER:
        return read(raw)
    if found.email is None:
        return None
    way = Way(
        hidden=tuple(found.hidden),
        alias=domain.address(found.seller_alias),
        name=found.seller_name or "",
        written_to=domain.address(found.buyer_alias),
        receiver=found.email,
        message_id=found.message_id,
        accepted_at=found.received_at,
    )
    return read(rewrite(raw, way).raw)
