"""What a customer reads on a page: the messages of a conversation that are theirs or have reached them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx

from mail_relay.domain.alias import Side
from mail_relay.store import handed

# what was held or blocked of the seller's is not theirs to know of, nor is what the seller wrote to the reviewers
READABLE = "(messages.side = 'buyer' or messages.state in ('relayed', 'delivered'))"

PAGE = f"""{handed.SELECTED}
where conversations.tenant = $1
  and conversations.id = $2
  and {READABLE}
  and ($3::integer is null or messages.number < $3)
order by messages.number desc
limit $4
"""


async def page(
    read: Read, tenant: str, conversation_id: UUID, before: int | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return the messages that a customer may read, the newest first."""
    return await read.fetch(PAGE, tenant, conversation_id, before, limit)


ONE = f"""{handed.SELECTED}
where conversations.tenant = $1
  and conversations.id = $2
  and messages.id = $3
  and {READABLE}
"""


async def one(read: Read, tenant: str, conversation_id: UUID, message_id: UUID) -> asyncpg.Record | None:
    """Return one of them."""
    return await read.row(ONE, tenant, conversation_id, message_id)


SEE = """
update conversations
set seen = greatest(seen, least($3, messages))
where tenant = $1
  and id = $2
"""


async def see(tx: Tx, tenant: str, conversation_id: UUID, number: int) -> None:
    """Record that the customer has read up to this message."""
    await tx.execute(SEE, tenant, conversation_id, number)


@dataclass(frozen=True, slots=True)
class Latest:
    """The last message that a customer may read, how many of the seller's they have not, and up to which they have."""

    side: Side | None = None
    at: datetime | None = None
    unread: int = 0
    seen: int = 0
    seller_name: str | None = None


LATEST = f"""
select conversations.id, conversations.seen, sellers.legal_name, last.side, last.received_at,
       (
         select count(*)
         from messages
         where messages.tenant = conversations.tenant
           and messages.conversation_id = conversations.id
           and messages.side = 'seller'
           and messages.number > conversations.seen
           and {READABLE}
       ) as unread
from conversations
left join sellers on sellers.tenant = conversations.tenant and sellers.seller = conversations.seller
left join lateral (
  select messages.side, messages.received_at
  from messages
  where messages.tenant = conversations.tenant
    and messages.conversation_id = conversations.id
    and {READABLE}
  order by messages.number desc
  limit 1
) as last on true
where conversations.tenant = $1
  and conversations.id = any($2)
"""  # noqa: S608 -- made of statements alone


async def latest(read: Read, tenant: str, conversation_ids: Sequence[UUID]) -> dict[UUID, Latest]:
    """Return of each conversation what came last, and how much of it is not read."""
    rows = await read.fetch(LATEST, tenant, list(conversation_ids))
    return {row["id"]: _latest(row) for row in rows}


def _latest(row: asyncpg.Record) -> Latest:
    side = Side(row["side"]) if row["side"] else None
    return Latest(side, row["received_at"], row["unread"], row["seen"], row["legal_name"])
