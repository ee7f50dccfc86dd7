"""What a customer writes on a page instead of by mail: it becomes a message to desk or seller, and is kept as one."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from mail_relay.clients.contents import Contents
from mail_relay.domain.alias import Domain, Side
from mail_relay.domain.carried import Carried
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.message import Typed


async def keep(
    contents: Contents, conversation: Conversation, domain: Domain, message_id: UUID, text: str, now: datetime
) -> Typed:
    """Store what a customer has typed for the reviewers; it belongs to nothing until it is filed.

    Raises ContentsAway.
    """
    to, subject = conversation.desks[Side.BUYER], conversation.order_number or str(conversation.id)
    content = await asyncio.to_thread(_written, conversation, domain, to, message_id, subject, text, now)
    return await store(contents, message_id, content)


async def to_seller(
    conversation: Conversation,
    domain: Domain,
    message_id: UUID,
    subject: str,
    text: str,
    now: datetime,
    files: Sequence[Carried] = (),
) -> bytes:
    """Return what a customer has typed for the seller, and the files with it, as a message of a mail program."""
    to = conversation.aliases[Side.SELLER]
    return await asyncio.to_thread(_written, conversation, domain, to, message_id, subject, text, now, files)


async def store(contents: Contents, message_id: UUID, content: bytes) -> Typed:
    """Store a message under its id. Raises ContentsAway."""
    key = b64encode(await contents.put(message_id, content)).decode()
    return Typed(message_id, key, len(content), hashlib.sha256(content).digest())


def _written(
    conversation: Conversation,
    domain: Domain,
    to: str,
    message_id: UUID,
    subject: str,
    text: str,
    now: datetime,
    files: Sequence[Carried] = (),
) -> bytes:
    """Return it as a message from the customer's alias to another one, which names nobody but by aliases."""
    message = EmailMessage(policy=SMTP)
    message["From"] = domain.address(conversation.aliases[Side.BUYER])
    message["To"] = domain.address(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{domain.name}>"
    message.set_content(text.replace("\r\n", "\n"), cte="quoted-printable")
    for file in files:
        kind, _, detail = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=detail, filename=file.name)
    return message.as_bytes()
