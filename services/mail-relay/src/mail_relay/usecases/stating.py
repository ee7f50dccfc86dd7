"""Stating on a page: what a customer has typed for the reviewers is kept in the chain of its conversation (MAIL-8)."""

from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.admission import Reason
from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.conversation import Conversation, ConversationUnknown
from mail_relay.domain.message import Typed
from mail_relay.domain.policy.limits import Limits
from mail_relay.domain.policy.policy import Action, Decision
from mail_relay.usecases import receiving
from mail_relay.usecases.receiving import RateReached, Received


async def file(tx: Tx, conversation: Conversation, typed: Typed, domains: Domains, limits: Limits) -> None:
    """Keep it as a message of the buyer to the desk, as if it had come by mail.

    Raises ConversationUnknown where nobody may write any more, RateReached.
    """
    found = await receiving.recipient(tx, conversation.desks[Side.BUYER], None, limits)
    if found is Reason.RATE:
        raise RateReached
    if isinstance(found, Reason):
        raise ConversationUnknown
    decision = Decision(Action.PASS, found.policy.version, None)
    received = Received(found, typed.id, typed.key, typed.size, typed.content_hash, None, decision)
    (held,) = await receiving.hold(tx, [received])
    added = await receiving.admit(tx, received, held, domains, limits)
    if not isinstance(added, UUID):
        await receiving.add(tx, [added])
