"""Messages that were not taken."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

from mail_relay.domain.attempt import Refused

ADD = """
insert into refusals
  (tenant, conversation_id, id, side, reason, size, refused_at, envelope_box, content_hash, records_key_box)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def add(tx: Tx, tenant: str, conversation_id: UUID, new: Refused) -> None:
    """Keep that a message of a side was not taken."""
    of = (new.id, new.side, new.reason, new.size, new.refused_at)
    await tx.execute(ADD, tenant, conversation_id, *of, new.envelope_box, new.content_hash, new.records_key_box)


COUNT = """
update refusals
set more = more + 1
where tenant = $1
  and id = (
    select id
    from refusals
    where tenant = $1
      and conversation_id = $2
      and side = $3
      and reason = $4
      and refused_at > $5
    order by refused_at desc, id desc
    offset $6
    limit 1
  )
returning id
"""


async def count(tx: Tx, tenant: str, conversation_id: UUID, like: tuple[str, str], since: datetime, most: int) -> bool:
    """Count one more of a side and reason where as many are kept as may be; false where it is to be kept."""
    return await tx.value(COUNT, tenant, conversation_id, *like, since, most - 1) is not None


STORED = """
select count(*)
from refusals
where tenant = $1
  and conversation_id = $2
  and refused_at > $3
  and content_hash is not null
"""


async def stored(read: Read, tenant: str, conversation_id: UUID, since: datetime) -> int:
    """Return of how many refused messages the content was kept."""
    return await read.value(STORED, tenant, conversation_id, since) or 0


OF_CONVERSATION = """
select id, side, reason, size, refused_at, envelope_box, content_hash, records_key_box, more
from refusals
where tenant = $1
  and conversation_id = $2
order by refused_at desc, id desc
limit $3
"""


async def of_conversation(read: Read, tenant: str, conversation_id: UUID, limit: int | None) -> Sequence[Refused]:
    """Return what was refused of a conversation, the latest first."""
    return [Refused(**dict(row)) for row in await read.fetch(OF_CONVERSATION, tenant, conversation_id, limit)]
