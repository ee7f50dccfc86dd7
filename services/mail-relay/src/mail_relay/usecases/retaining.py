"""Retaining: contents and rows are removed when their time is over, unless they are held (MAIL-19)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.proof import Fact
from mail_relay.domain.retention import Removal, Retention, Shard
from mail_relay.store import retention
from mail_relay.usecases import proving

SHARDS, LOOK_EVERY = 256, timedelta(minutes=10)
# A content that is that old, and belongs to nothing, was stored by a transaction that did not commit.
ORPHANED_AFTER = timedelta(days=1)
AT_ONCE = 100


async def claim(tx: Tx, limit: int, kept: Retention) -> Sequence[Removal]:
    """Lease contents that are to be removed now."""
    now = tx.now
    found = await retention.claim_messages(tx, kept.letters_before(now), now - kept.first_contacts, limit)
    found = [*found, *await retention.claim_refusals(tx, now - kept.refused, limit - len(found))]
    return [*found, *await retention.claim_orphans(tx, limit - len(found))]


async def settle(tx: Tx, removal: Removal, answer: None) -> None:
    """Record that a content is removed: of what belonged to a conversation there is a proof."""
    del answer
    if removal.conversation_id is None:
        await retention.orphan_removed(tx, removal.id)
        return
    await proving.take_turn(tx, removal.tenant, removal.conversation_id)
    if await retention.removed(tx, removal):
        await proving.prove(tx, removal.tenant, removal.conversation_id, Fact.CONTENT_REMOVED, removal.id)


async def claim_shard(tx: Tx, limit: int) -> Sequence[Shard]:
    """Return which part of the store is looked through now."""
    del limit
    turn = int(tx.now.timestamp() / LOOK_EVERY.total_seconds())
    return [Shard(f"{turn % SHARDS:02x}", tx.now - ORPHANED_AFTER)]


async def settle_shard(tx: Tx, shard: Shard, stored: Sequence[UUID]) -> None:
    """Keep which contents belong to nothing."""
    del shard
    await retention.add_orphans(tx, stored)


async def forget(tx: Tx, kept: Retention) -> bool:
    """Remove what is known of conversations whose time is over; true where there may be more."""
    return await retention.forget(tx, kept.index_before(tx.now), AT_ONCE) == AT_ONCE
