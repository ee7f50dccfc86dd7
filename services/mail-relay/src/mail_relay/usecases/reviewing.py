"""Reviewing: a conversation is opened for a purpose, and each time that is recorded and published (MAIL-7)."""

from uuid import UUID

from chassis.db import Tx
from contracts.mail_relay import ConversationRead

from mail_relay.domain.conversation import Conversation, ConversationUnknown
from mail_relay.store import cases, conversations
from mail_relay.store.cases import Case

REVIEW = "review"
MOST_REFUSED = 100


async def open_case(
    tx: Tx, tenant: str, conversation_id: UUID, why: str, *, after: int, limit: int
) -> tuple[Conversation, Case]:
    """Return a conversation with a page of its messages and their sealed keys. Raises ConversationUnknown."""
    found = await conversations.find(tx, tenant, conversation_id)
    if found is None:
        raise ConversationUnknown
    case = await cases.page(tx, tenant, conversation_id, after, limit, 0 if after else MOST_REFUSED)
    record(tx, found, len(case.messages[:limit]), why)
    return found, case


def record(tx: Tx, read: Conversation, messages: int, why: str) -> None:
    """Record that so many messages of a conversation are opened, and publish it."""
    tx.audit_reading("conversation", [read.id], REVIEW, why)
    tx.publish(
        ConversationRead(
            tenant=read.tenant,
            conversation=read.id,
            reading=tx.new_id(),
            seller=read.seller,
            order=read.order_id,
            messages=messages,
            read_at=tx.now,
        )
    )
