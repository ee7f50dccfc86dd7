"""Refusing: what was not taken is recorded with its envelope, sealed for reviewers, and published (MAIL-14, F-M22)."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import seal
from contracts.mail_relay import MessageRefused
from contracts.mail_relay import Side as PublishedSide

from mail_relay.domain.admission import Reason
from mail_relay.domain.attempt import MOST_A_DAY, MOST_CONTENTS_A_DAY, Attempt, Refused, Stored
from mail_relay.domain.proof import Fact
from mail_relay.domain.recipient import Recipient
from mail_relay.store import refusals, sellers
from mail_relay.usecases import noticing, proving

# for these is asked only once it is certain who writes
PROVEN = {Reason.ATTACHMENT, Reason.NOT_WRITABLE, Reason.DIRECT}
ENVELOPE, CONTENT_KEY = "envelope", "message"


async def may_store(read: Read, to: Recipient) -> bool:
    """Return whether the content of one more refused message is kept today."""
    conversation, since = to.conversation, read.now - timedelta(days=1)
    return await refusals.stored(read, conversation.tenant, conversation.id, since) < MOST_CONTENTS_A_DAY


async def refuse(tx: Tx, refusal: UUID, to: Recipient, attempt: Attempt, stored: Stored | None) -> None:
    """Record that a message was not taken, and publish it; of many alike a day the later ones are counted only."""
    conversation, side = to.conversation, to.writer
    like = (side.value, attempt.reason.value)
    if await refusals.count(tx, conversation.tenant, conversation.id, like, tx.now - timedelta(days=1), MOST_A_DAY):
        return
    records = await sellers.records_key(tx, conversation.tenant, conversation.seller, tx.now)
    envelope_box = str(seal(attempt.envelope.text(), records, ENVELOPE)) if records else None
    key_box = str(seal(stored.key, records, CONTENT_KEY)) if records and stored else None
    content_hash = stored.content_hash if stored and key_box else None
    await proving.prove(
        tx,
        conversation.tenant,
        conversation.id,
        Fact.REFUSED,
        refusal,
        side=side.value,
        reason=attempt.reason.value,
        size=attempt.size,
        content=content_hash.hex() if content_hash else None,
    )
    kept = Refused(refusal, side.value, attempt.reason.value, attempt.size, tx.now, envelope_box, content_hash, key_box)
    await refusals.add(tx, conversation.tenant, conversation.id, kept)
    tx.publish(
        MessageRefused(
            tenant=conversation.tenant,
            conversation=conversation.id,
            refusal=refusal,
            seller=conversation.seller,
            order=conversation.order_id,
            side=PublishedSide(side),
            reason=attempt.reason,
            refused_at=tx.now,
        )
    )
    if attempt.reason in PROVEN and not to.desk:
        await noticing.notify_refused(tx, conversation, side.other, attempt.reason)
