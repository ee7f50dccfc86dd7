"""Legal holds of conversations."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Read, Tx

from mail_relay.domain.legal_hold import Ground, LegalHold

ADD = """
insert into legal_holds (tenant, id, conversation_id, ground, placed_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant, id) do nothing
returning id
"""


async def add(tx: Tx, tenant: str, conversation_id: UUID, hold_id: UUID, ground: Ground) -> bool:
    """Hold a conversation; false where this hold is known."""
    return await tx.value(ADD, tenant, hold_id, conversation_id, ground, tx.now) is not None


CONVERSATION = """
select conversation_id
from legal_holds
where tenant = $1
  and id = $2
  and ground = $3
"""


async def conversation_of(read: Read, tenant: str, hold_id: UUID, ground: Ground) -> UUID | None:
    """Return which conversation a hold is of."""
    return await read.value(CONVERSATION, tenant, hold_id, ground)


RELEASE = """
update legal_holds
set released_at = $3
where tenant = $1
  and id = $2
  and released_at is null
returning id
"""


async def release(tx: Tx, tenant: str, hold_id: UUID) -> bool:
    """End a hold; false where that was done before."""
    return await tx.value(RELEASE, tenant, hold_id, tx.now) is not None


OF_CONVERSATION = """
select id, ground, placed_at, released_at
from legal_holds
where tenant = $1
  and conversation_id = $2
order by placed_at, id
"""


async def of_conversation(read: Read, tenant: str, conversation_id: UUID) -> Sequence[LegalHold]:
    """Return all holds of a conversation, the oldest first."""
    rows = await read.fetch(OF_CONVERSATION, tenant, conversation_id)
    return [LegalHold(row["id"], Ground(row["ground"]), row["placed_at"], row["released_at"]) for row in rows]
