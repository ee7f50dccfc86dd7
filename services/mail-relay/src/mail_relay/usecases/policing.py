"""What follows from a policy: what it warned of, held or blocked, and what reviewers decide of that (MAIL-10)."""

from dataclasses import replace
from uuid import UUID

from chassis.db import Read, Tx
from chassis.jobs import Trigger
from contracts.mail_relay import MessageRefused
from contracts.mail_relay import Side as PublishedSide

from mail_relay.domain.admission import Reason
from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation, ConversationUnknown
from mail_relay.domain.judgement import APPEAL_WITHIN, Abuse, AlreadyDecided, Denial, JudgementUnknown, NothingToAppeal
from mail_relay.domain.message import Kept, State
from mail_relay.domain.policy.finding import Kind
from mail_relay.domain.policy.policy import Action, Decision
from mail_relay.domain.proof import Fact
from mail_relay.store import conversations, judgements
from mail_relay.store.judgements import Judgement
from mail_relay.usecases import answering, noticing, proving

NOTICES = {Action.WARN: "message_warned", Action.HOLD: "message_held", Action.BLOCK: "message_blocked"}
RELAY = Trigger("relay messages")
FACTS = {Action.WARN: Fact.WARNED, Action.HOLD: Fact.HELD, Action.BLOCK: Fact.BLOCKED}
STATES = {Action.WARN: State.WAITING, Action.HOLD: State.HELD, Action.BLOCK: State.BLOCKED}

MOST_UNPROVEN = 5
STOPPED = {Action.HOLD, Action.BLOCK}


async def follow(tx: Tx, conversation: Conversation, kept: Kept, decision: Decision, *, filed: bool) -> None:
    """Do what a policy says about a message that was kept: its writer is told, and whoever has to decide finds it.

    The other side is told of what is blocked, unless it was `filed` and so not written to that side.
    """
    if decision.finding is None or decision.version is None:
        return
    judged = (decision.version, decision.action.name.lower(), decision.finding.kind, decision.finding.rule)
    await judgements.add(tx, conversation.tenant, kept.id, judged, STATES[decision.action])
    about = {"found": decision.finding.kind.value}
    await proving.prove(tx, conversation.tenant, conversation.id, FACTS[decision.action], kept.id, **about)
    await noticing.notify(tx, conversation, kept.side, NOTICES[decision.action], about, kept.id)
    if decision.action is Action.BLOCK:
        _publish(tx, conversation, kept.id, kept.side)
        if not filed:
            await noticing.notify_refused(tx, conversation, kept.side.other, Reason.OFF_PLATFORM)


async def is_full(read: Read, conversation: Conversation, decision: Decision) -> bool:
    """Return whether as many messages of a conversation wait whose sender is not proven as anybody may make wait."""
    if decision.finding is None or decision.finding.kind is not Kind.SENDER:
        return False
    return await judgements.waiting(read, conversation.tenant, conversation.id, Kind.SENDER) >= MOST_UNPROVEN


async def release(tx: Tx, tenant: str, message_id: UUID) -> None:
    """Pass a held or blocked message on. Raises JudgementUnknown, AlreadyDecided."""
    held, conversation = await _decide(tx, tenant, message_id, None)
    await answering.wrote(tx, conversation, held.side, message_id)
    await noticing.notify(tx, conversation, held.side, "message_released", message_id=message_id)
    tx.wake(RELAY)


async def deny(tx: Tx, tenant: str, message_id: UUID, why: Denial) -> None:
    """Do not pass a held or blocked message on, for good. Raises JudgementUnknown, AlreadyDecided."""
    held, conversation = await _decide(tx, tenant, message_id, why)
    await noticing.notify(tx, conversation, held.side, "message_denied", {"denial": why.value}, message_id)
    if held.state == State.HELD:
        _publish(tx, conversation, message_id, held.side)
        await noticing.notify_refused(tx, conversation, held.side.other, Reason.OFF_PLATFORM)


async def appeal(tx: Tx, conversation: Conversation, side: Side, message_id: UUID | None = None) -> int:
    """Have a person decide about what was held or blocked of a side: of this message, or all of the last 30 days.

    Returns how many there are. Raises NothingToAppeal.
    """
    since = tx.now - APPEAL_WITHIN
    found = await judgements.appeal(tx, conversation.tenant, conversation.id, side, since, message_id)
    if not found:
        raise NothingToAppeal
    await noticing.notify(tx, conversation, side, "appeal_taken")
    return len(found)


async def appeal_by_mail(tx: Tx, conversation: Conversation, side: Side, notice_id: UUID | None) -> bool:
    """Take what a side writes to the desk for an appeal if it answers a notice of what was held or blocked."""
    message_id = await judgements.noticed(tx, conversation.tenant, conversation.id, side, notice_id)
    if message_id is None:
        return False
    try:
        await appeal(tx, conversation, side, message_id)
    except NothingToAppeal:
        return False
    return True


async def switch(tx: Tx, tenant: str, conversation_id: UUID, side: Side, why: Abuse | None) -> Conversation:
    """Switch the alias of a side off for abuse, or on again without one (MAIL-17). Raises ConversationUnknown."""
    found = await conversations.find(tx, tenant, conversation_id)
    if found is None:
        raise ConversationUnknown
    await conversations.switch(tx, tenant, conversation_id, side, off=why is not None)
    tx.audit("conversation", conversation_id, after={"alias": side, "switched_off": why})
    kind, about = ("alias_off", {"abuse": why.value}) if why else ("alias_on", None)
    await noticing.notify(tx, found, side.other, kind, about)
    return replace(found, closed=found.closed | {side}) if why else found


async def _decide(tx: Tx, tenant: str, message_id: UUID, why: Denial | None) -> tuple[Judgement, Conversation]:
    found = await judgements.find(tx, tenant, message_id)
    conversation = await conversations.find(tx, tenant, found.conversation_id) if found else None
    if found is None or conversation is None or found.action == "warn":
        raise JudgementUnknown
    await proving.take_turn(tx, tenant, found.conversation_id)
    if not await judgements.decide(tx, tenant, message_id, released=why is None, reason=why):
        raise AlreadyDecided
    after = {"released": why is None, "reason": why, "conversation": found.conversation_id}
    tx.audit("message", message_id, before={"state": found.state}, after=after)
    fact, reason = (Fact.PASSED_ON, None) if why is None else (Fact.DENIED, why.value)
    await proving.prove(tx, tenant, found.conversation_id, fact, message_id, reason=reason)
    return found, conversation


def _publish(tx: Tx, conversation: Conversation, message_id: UUID, side: Side) -> None:
    tx.publish(
        MessageRefused(
            tenant=conversation.tenant,
            conversation=conversation.id,
            refusal=message_id,
            seller=conversation.seller,
            order=conversation.order_id,
            side=PublishedSide(side),
            reason=Reason.OFF_PLATFORM,
            refused_at=tx.now,
        )
    )
