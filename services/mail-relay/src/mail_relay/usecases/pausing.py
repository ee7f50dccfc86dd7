"""Pausing: a mailbox that keeps bouncing is written to no more until its owner writes or names another (F-M12)."""

from uuid import UUID

from chassis.db import Tx
from contracts.mail_relay import MailboxPaused
from contracts.mail_relay import Side as PublishedSide

from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation
from mail_relay.store import conversations, mailboxes
from mail_relay.usecases import noticing

MOST_BOUNCES = 3
PAUSED = "mailbox_paused"


async def bounced(tx: Tx, tenant: str, conversation_id: UUID, side: Side) -> None:
    """Publish that a side is written to no more, once as many messages to it have bounced."""
    if await mailboxes.bounces(tx, tenant, conversation_id, side) != MOST_BOUNCES:
        return
    conversation = await conversations.find(tx, tenant, conversation_id)
    if conversation is None:
        return
    tx.publish(
        MailboxPaused(
            tenant=tenant,
            conversation=conversation_id,
            pause=tx.new_id(),
            seller=conversation.seller,
            order=conversation.order_id,
            side=PublishedSide(side),
            bounces=MOST_BOUNCES,
            paused_at=tx.now,
        )
    )


async def resume(tx: Tx, conversation: Conversation, side: Side, missed: int) -> None:
    """Tell a side that writes again that so many messages to it have bounced meanwhile, where it was paused."""
    if missed >= MOST_BOUNCES:
        await noticing.notify(tx, conversation, side, PAUSED, {"missed": missed})
