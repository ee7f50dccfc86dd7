"""Whose customers they are: partners see aliases, or identities where the tenant has chosen white label (MAIL-20)."""

from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.conversation import Conversation, ConversationUnknown
from mail_relay.domain.policy.handling import Ownership
from mail_relay.store import conversations, policies


async def customer_of(
    tx: Tx, tenant: str, conversation_id: UUID, purpose: str, why: str
) -> tuple[Conversation, Ownership]:
    """Return a conversation and whose customer writes in it; that an identity is read is recorded.

    The version counts that was in force when the conversation began: who came to a marketplace stays an alias.
    Raises ConversationUnknown.
    """
    found = await conversations.find(tx, tenant, conversation_id)
    if found is None:
        raise ConversationUnknown
    ownership = (await policies.in_force(tx, tenant, found.opened_at)).ownership
    if ownership is Ownership.WHITE_LABEL:
        tx.audit_reading("conversation", [conversation_id], purpose, why)
    return found, ownership
