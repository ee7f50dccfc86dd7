"""Noticing: a side of a conversation is told in plain words what the relay has done, and why (MAIL-14)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Read, Tx
from chassis.jobs import Trigger
from chassis.telemetry import current_traceparent

from mail_relay.domain.admission import Reason
from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.notice import Detail, Notice
from mail_relay.domain.relaying import HOLD, Lease, Outcome, Verdict
from mail_relay.store import notices

SEND = Trigger("send notices")
REFUSED = "other_refused"


async def notify(
    tx: Tx,
    conversation: Conversation,
    side: Side,
    kind: str,
    about: Mapping[str, Detail] | None = None,
    message_id: UUID | None = None,
) -> None:
    """Tell a side of a conversation something; `templates/notices.*.toml` have the text of each kind and side.

    No fact of `about` is personal, for it stands in clear; names that end in `_at` are times in ISO 8601. The notice
    answers the message of this id.
    """
    facts = dict(about or {})
    await notices.add(
        tx, conversation.tenant, tx.new_id(), conversation.id, side, kind, facts, message_id, current_traceparent()
    )
    tx.wake(SEND)


async def notify_refused(tx: Tx, conversation: Conversation, side: Side, reason: Reason) -> None:
    """Tell a side that what the other has written to it was not taken, and why: once a day at most (MAIL-14)."""
    since = tx.now - timedelta(days=1)
    if not await notices.any_since(tx, conversation.tenant, conversation.id, side, REFUSED, since):
        await notify(tx, conversation, side, REFUSED, {"refused": reason.value})


async def arrived(read: Read, conversation: Conversation, side: Side, kind: str, since: datetime) -> bool:
    """Return whether the server of a side has taken a notice of this kind since then."""
    return await notices.any_since(read, conversation.tenant, conversation.id, side, kind, since, taken=True)


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Notice]:
    """Lease notices that are to be sent now."""
    return await notices.claim(tx, limit, lease.duration)


async def settle(tx: Tx, notice: Notice, outcome: Outcome) -> None:
    """Record how an attempt ended; one that was not taken for now is tried again for some days."""
    match outcome.verdict:
        case Verdict.HELD:
            again, failures = tx.now + HOLD, notice.failures
        case Verdict.REFUSED | Verdict.LOST:
            again, failures = notice.again_at(tx.now), notice.failures + 1
        case _:
            again, failures = None, notice.failures
    await notices.settle(tx, notice, again, failures, (outcome.code, outcome.answer))
