"""Receiving: whom an alias stands for, and keeping what is taken, and that something was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import seal
from chassis.telemetry import current_traceparent
from contracts.event import SubjectKey

from mail_relay.domain.admission import Reason
from mail_relay.domain.alias import Domains, Side, Tag
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.desk import NOTHING, Asked
from mail_relay.domain.message import Kept, State
from mail_relay.domain.policy.limits import Limits, reached
from mail_relay.domain.policy.order_message import OrderState
from mail_relay.domain.policy.policy import Action, Decision, Policy
from mail_relay.domain.recipient import Recipient
from mail_relay.store import messages, optouts, orders, questions, recipients
from mail_relay.store.messages import Added
from mail_relay.store.recipients import Standing, Writing
from mail_relay.usecases import announcing, answering, choosing, filing, pausing, policing
from mail_relay.usecases.policing import RELAY

CONTENT_KEY, MESSAGE_ID = "message", "message id"


async def recipient(read: Read, local_part: str, tag: Tag | None, limits: Limits) -> Recipient | Reason:
    """Return who is written to by an alias, or why nobody is; tags are for buyers."""
    found = await recipients.behind(read, local_part)
    if found is None:
        return Reason.UNKNOWN_ALIAS
    if found.off or (found.conversation.email_box is None and not found.desk):
        return Reason.CLOSED
    if reached(found.counts, found.policy.limits or limits):
        return Reason.RATE
    to_side, by_seller = not found.desk, found.writer is Side.SELLER
    return Recipient(
        found.conversation,
        found.writer,
        found.reached,
        found.policy,
        found.desk,
        to_side and found.missed >= pausing.MOST_BOUNCES,
        to_side and by_seller and found.policy.opt_out and found.opted_out,
        None if found.desk or by_seller else tag,
        found.writers if by_seller else (),
        await _unasked(read, found.conversation, found.policy) if to_side and by_seller else None,
    )


async def _unasked(read: Read, to: Conversation, policy: Policy) -> OrderState | None:
    """Return the state of an order whose buyer has not asked, where the policy wants types (MAIL-12)."""
    if not policy.typed or to.order_id is None or await questions.asked(read, to.tenant, to.id, to.order_id):
        return None
    return (await orders.progress(read, to.tenant, to.order_id)).state(read.now)


class RateReached(Exception):
    """More messages come than one side, or both together, may send."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is taken for a recipient: the id under which its content is stored, and the key of that.

    `original_id` is the Message-ID that its writer's program gave it, `decision` what the policy does with it.
    `answers` is the id of ours, a notice perhaps, that it answers, and `asked` what it asks for at the desk. It is
    `critical` where it reaches a buyer for its subject alone. By its `fingerprint` it is known where it comes again.
    """

    to: Recipient
    id: UUID
    key: str
    size: int
    content_hash: bytes
    original_id: str | None
    decision: Decision
    answers: UUID | None = None
    asked: Asked = NOTHING
    critical: bool = False
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that nobody else adds to: how many messages it has, the digest of the last, how it stands."""

    count: int
    head: bytes | None
    standing: Standing


async def hold(tx: Tx, received: Sequence[Received]) -> list[Held]:
    """Let nobody else add to the conversations of messages, each to another one, until the transaction ends."""
    ends = await messages.lock_all(tx, [(one.to.conversation.tenant, one.to.conversation.id) for one in received])
    # behind the lock, so that of two at once the later one is told
    written = [Writing(one.to.conversation, one.to.writer, one.fingerprint, one.to.desk) for one in received]
    standings = await recipients.standings(tx, written)
    return [Held(*end, standing) for end, standing in zip(ends, standings, strict=True)]


async def admit(tx: Tx, received: Received, held: Held, domains: Domains, limits: Limits) -> Added | UUID:
    """Return a message as the last of its conversation, which is held, to be relayed or filed.

    Of one that is handed in again it is the id of the one that is kept. Raises RateReached.
    """
    to, conversation, standing = received.to, received.to.conversation, held.standing
    if standing.known and received.fingerprint:
        known = await messages.repeated(tx, conversation.tenant, conversation.id, received.fingerprint)
        if known is not None:
            return known
    limits = to.policy.limits or limits
    if reached(standing.counts, limits):
        raise RateReached
    if received.decision.action is not Action.HOLD:
        await pausing.resume(tx, conversation, to.writer, standing.missed)
    elif await policing.is_full(tx, conversation, received.decision):
        raise RateReached
    kept = Kept(
        conversation_id=conversation.id,
        number=held.count + 1,
        id=received.id,
        side=to.writer,
        received_at=tx.now,
        size=received.size,
        content_hash=received.content_hash,
    )
    contact = SubjectKey(key=conversation.contact[0], public=conversation.contact[1])
    records = standing.records
    return Added(
        tenant=conversation.tenant,
        kept=kept,
        digest=kept.digest(held.head),
        contact_key_box=str(seal(received.key, contact, CONTENT_KEY)),
        records_key_box=str(seal(received.key, records, CONTENT_KEY)) if records else None,
        message_id=f"<{received.id}@{domains.of(conversation.tenant).name}>",
        original_id_box=str(seal(received.original_id, contact, MESSAGE_ID)) if received.original_id else None,
        traceparent=current_traceparent(),
        state=State.FILED if to.desk or to.tag else State.WAITING,
        fingerprint=received.fingerprint,
    )


async def keep(tx: Tx, received: Received, domains: Domains, limits: Limits) -> UUID:
    """Keep one message that did not come by mail, with all that follows; return its id. Raises RateReached.

    Of one that was sent twice it is the id of the first.
    """
    (held,) = await hold(tx, [received])
    added = await admit(tx, received, held, domains, limits)
    if isinstance(added, UUID):
        return added
    await add(tx, [added])
    await follow(tx, received, held.standing, added, domains)
    return received.id


async def add(tx: Tx, added: Sequence[Added]) -> None:
    """Keep messages of different conversations."""
    await messages.add(tx, added)


async def follow(tx: Tx, received: Received, standing: Standing, added: Added, domains: Domains) -> None:
    """Do what follows from a message that was added: it is relayed or filed, a clock runs, somebody is told."""
    to, conversation, kept = received.to, received.to.conversation, added.kept
    filed = added.state is State.FILED
    if standing.changed:
        await announcing.announce_to(tx, conversation, kept.side)
    await policing.follow(tx, conversation, kept, received.decision, filed=filed)
    if received.critical:
        await optouts.add_critical(tx, conversation, kept.id)
    if to.tag is not None:
        await choosing.follow(tx, conversation, to.tag, domains)
        return
    if filed:
        if not await policing.appeal_by_mail(tx, conversation, kept.side, received.answers):
            await filing.file(tx, conversation, kept.side, kept.id, received.asked)
        return
    # a question is asked by the first message of several, and answered by the first one
    if received.decision.action not in policing.STOPPED and standing.asked is (kept.side is Side.SELLER):
        await answering.wrote(tx, conversation, kept.side, kept.id)
    tx.wake(RELAY)
