"""Messages as they were handed to a customer: a seller's is rewritten once more, so that only the alias is in it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from mail_relay.domain.alias import Domain, Side
from mail_relay.domain.rewriting import Way, rewrite


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


def handed_copy(raw: bytes, found: Found, domain: Domain) -> bytes | None:
    """Return a message as its customer wrote it, or as they were given it; None where that cannot be made again.

    Raises Refused.
    """
    if found.written_by is Side.BUYER:
        return raw
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
    return rewrite(raw, way).raw
