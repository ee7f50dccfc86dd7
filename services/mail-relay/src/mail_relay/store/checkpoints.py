"""Checkpoints, which are only ever added, and outlive their conversation."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx

from mail_relay.domain.checkpoint import Checkpoint, Signed

DUE = """
select tenant, id, messages, head, proofs, proofs_head
from conversations
where messages + proofs > checkpointed
order by id
limit $1
for no key update skip locked
"""


async def due(tx: Tx, limit: int) -> Sequence[tuple[str, Checkpoint]]:
    """Lock conversations that grew since their last checkpoint; return their tenants and what is to be signed."""
    return [(row["tenant"], _unsigned(row, tx)) for row in await tx.fetch(DUE, limit)]


NOW = """
select tenant, id, messages, head, proofs, proofs_head
from conversations
where tenant = $1
  and id = $2
for no key update
"""


async def of_now(tx: Tx, tenant: str, conversation_id: UUID) -> Checkpoint:
    """Lock a conversation; return what is to be signed of it."""
    row = await tx.row(NOW, tenant, conversation_id)
    if row is None:
        raise LookupError(conversation_id)
    return _unsigned(row, tx)


ADD = """
with counted as (
  update conversations
  set checkpointed = $3::integer + $5::integer
  where tenant = $1
    and id = $2
)
insert into checkpoints (tenant, conversation_id, messages, head, proofs, proofs_head, made_at, key_id, signature)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant, conversation_id, messages, proofs) do nothing
"""


async def add(tx: Tx, tenant: str, new: Signed) -> None:
    """Keep a checkpoint, unless there is one of this state."""
    one = new.checkpoint
    of = (one.conversation_id, one.messages, one.head, one.proofs, one.proofs_head, one.made_at)
    await tx.execute(ADD, tenant, *of, new.key, new.signature)


OF_CONVERSATION = """
select conversation_id, messages, head, proofs, proofs_head, made_at, key_id, signature
from checkpoints
where tenant = $1
  and conversation_id = $2
order by messages + proofs
"""


async def of_conversation(read: Read, tenant: str, conversation_id: UUID) -> Sequence[Signed]:
    """Return all checkpoints of a conversation, the oldest first."""
    return [
        Signed(Checkpoint(*(row[name] for name in Checkpoint.__slots__)), row["key_id"], row["signature"])
        for row in await read.fetch(OF_CONVERSATION, tenant, conversation_id)
    ]


def _unsigned(row: asyncpg.Record, tx: Tx) -> Checkpoint:
    return Checkpoint(row["id"], row["messages"], row["head"], row["proofs"], row["proofs_head"], tx.now)
