"""What is recorded of a message that is not taken."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from uuid import UUID

import structlog
from chassis.db import Begin
from uuid_utils.compat import uuid7

from mail_relay.clients.contents import Contents, ContentsAway
from mail_relay.domain.attempt import Attempt, Stored
from mail_relay.domain.recipient import Recipient
from mail_relay.usecases import refusing

log = structlog.get_logger(__name__)


async def refuse(begin: Begin, contents: Contents, recipients: Sequence[Recipient], attempt: Attempt) -> None:
    """Record a refusal for each conversation that was written to; where that cannot be, it is refused all the same."""
    ids = [uuid7() for _ in recipients]
    try:
        stored = await _stored(begin, contents, recipients[0], ids[0], attempt) if attempt.is_kept(len(ids)) else None
        async with begin() as tx:
            # in one order, for two messages may be to the same conversations
            for refusal, to in sorted(zip(ids, recipients, strict=True), key=lambda one: one[1].conversation.id):
                await refusing.refuse(tx, refusal, to, attempt, stored)
    except Exception as error:
        log.warning("a refusal could not be recorded", reason=type(error).__name__)
    log.info("a message was refused", reason=attempt.reason, size=attempt.size)


async def _stored(begin: Begin, contents: Contents, to: Recipient, refusal: UUID, attempt: Attempt) -> Stored | None:
    async with begin() as tx:
        if not await refusing.may_store(tx, to):
            return None
    content = attempt.content or b""
    try:
        key = b64encode(await contents.put(refusal, content)).decode()
    except ContentsAway:
        return None
    return Stored(key, (await asyncio.to_thread(hashlib.sha256, content)).digest())
