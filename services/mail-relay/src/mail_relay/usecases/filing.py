"""Filing: what a side writes to the desk is kept for reviewers, and does what it asks for (MAIL-8, MAIL-15)."""

from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.alias import Side
from mail_relay.domain.claim import Claim, ContactFirst, NotAppealable, NothingToClaim, Reason, TooEarly
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.desk import Asked
from mail_relay.store import claims
from mail_relay.usecases import answering, claiming, noticing, opening


async def file(tx: Tx, conversation: Conversation, side: Side, message_id: UUID, asked: Asked) -> None:
    """Do what a message to the desk of a locked conversation asks for; its writer is told where that is nothing.

    With a claim open it is a statement, or takes the claim back; after a decision it is the appeal of who lost; without
    one a buyer asks to open one, and a seller may mean that the buyer's question needs no answer. Thanks for what is
    settled open nothing: after a first claim a reason has to be named. What closes or reopens the conversation does
    that alone, in whatever state a claim is.
    """
    if asked.closing is not None:
        await opening.set_closed(tx, conversation, side, closed=asked.closing)
        kind = "conversation_closed" if asked.closing else "conversation_reopened"
        await noticing.notify(tx, conversation, side, kind, message_id=message_id)
        return
    known = await claims.of_conversation(tx, conversation.tenant, conversation.id)
    claim = next((one for one in known if one.active), None)
    if claim is not None:
        await _about(tx, conversation, claim, side, message_id, asked)
    elif side is Side.BUYER and not asked.settled and (not known or asked.reason is not Reason.OTHER):
        await _open(tx, conversation, message_id, asked)
    elif side is Side.BUYER or not asked.no_answer_needed or not await answering.needs_no_answer(tx, conversation):
        await noticing.notify(tx, conversation, side, "desk_filed", message_id=message_id)


async def _about(tx: Tx, conversation: Conversation, claim: Claim, side: Side, message_id: UUID, asked: Asked) -> None:
    if side is Side.BUYER and asked.settled:
        await claims.add_statement(tx, claim, message_id, side)
        await claiming.withdraw(tx, conversation, claim)
        return
    try:
        appealed = await claiming.appeal(tx, conversation, claim, side)
    except NotAppealable:
        await claiming.state(tx, conversation, claim, side, message_id)
    else:
        await claims.add_statement(tx, appealed, message_id, side)


async def _open(tx: Tx, conversation: Conversation, message_id: UUID, asked: Asked) -> None:
    try:
        await claiming.open_claim(tx, conversation, asked.reason, message_id=message_id)
    except TooEarly as early:
        about = {"opens_at": early.opens_at.isoformat()}
        await noticing.notify(tx, conversation, Side.BUYER, "claim_too_early", about, message_id)
    except ContactFirst:
        await noticing.notify(tx, conversation, Side.BUYER, "claim_no_contact", message_id=message_id)
    except NothingToClaim:
        await noticing.notify(tx, conversation, Side.BUYER, "claim_not_possible", message_id=message_id)
