"""Reviewing: a whole conversation is opened at once, and each time that is recorded and published (MAIL-7)."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from chassis.db import Tx
from contracts.mail_relay import ConversationRead

from mail_relay.domain.conversation import ConversationUnknown
from mail_relay.store import conversations, messages


async def open_case(tx: Tx, tenant: str, conversation_id: UUID, purpose: str, why: str) -> Sequence[asyncpg.Record]:
    """Return all messages of a conversation with their sealed keys. Raises ConversationUnknown."""
    found = await conversations.find(tx, tenant, conversation_id)
    if found is None:
        raise ConversationUnknown
    rows = await messages.boxes(tx, tenant, conversation_id)
    tx.audit_reading("conversation", [conversation_id], purpose, why)
    tx.publish(
        ConversationRead(
            tenant=tenant,
            conversation=conversation_id,
            reading=tx.new_id(),
            seller=found.seller,
            order=found.order_id,
            messages=len(rows),
            read_at=tx.now,
        )
    )
    return rows
