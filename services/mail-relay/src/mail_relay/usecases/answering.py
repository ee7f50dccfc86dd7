"""Answering: how long a buyer waits for a seller, and that the buyer is told once a claim may be opened (MAIL-9)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Read, Tx
from chassis.jobs import in_parts

from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.clock import late_rates
from mail_relay.store import claims, conversations, messages, questions
from mail_relay.usecases import noticing

LONGEST = timedelta(days=90)
AT_A_TIME = 100


async def wrote(tx: Tx, conversation: Conversation, side: Side, message_id: UUID) -> None:
    """Let the clock run where a buyer asks about an order, and stop where the seller answers."""
    if conversation.order_id is None:
        return
    if side is Side.SELLER:
        await questions.answer(tx, conversation.tenant, conversation.id)
        return
    terms = await claims.terms_of(tx, conversation.tenant)
    await questions.ask(tx, conversation.tenant, conversation.id, message_id, terms.opens_at(tx.now))


async def needs_no_answer(tx: Tx, conversation: Conversation, message_id: UUID | None = None) -> bool:
    """Take what the buyer wrote since the seller answered, or one message of it, for what needs no answer."""
    await messages.lock(tx, conversation.tenant, conversation.id)
    marked = await questions.needs_none(tx, conversation.tenant, conversation.id, message_id)
    if marked:
        await questions.answer(tx, conversation.tenant, conversation.id)
    return marked


async def notice_silence(tx: Tx) -> bool:
    """Tell buyers whose sellers are silent that a claim may be opened, and how."""
    found = await questions.notice(tx, AT_A_TIME)
    await in_parts(tx, "silence", found, lambda some: _notice(tx, some), lambda one: (one.tenant, one.message_id))
    return len(found) == AT_A_TIME


async def _notice(tx: Tx, asked: Sequence[questions.Unanswered]) -> None:
    for one in asked:
        conversation = await conversations.find(tx, one.tenant, one.conversation_id)
        known = await claims.of_conversation(tx, one.tenant, one.conversation_id)
        if conversation is None or any(claim.active for claim in known):
            continue
        about = {"asked_at": one.asked_at.isoformat()}
        await noticing.notify(tx, conversation, Side.BUYER, "claim_possible", about, one.message_id)


async def rates(read: Read, tenant: str, seller: str) -> dict[int, float | None]:
    """Return which part of a seller's answers of the last 7, 30 and 90 days were late."""
    terms = await claims.terms_of(read, tenant)
    written = await questions.written(read, tenant, seller, read.now - LONGEST)
    return late_rates(written, terms.clock, read.now)
