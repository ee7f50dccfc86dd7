"""Notices to the sides of a conversation."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from pydantic import TypeAdapter
from pydantic_core import to_json

from mail_relay.domain.alias import Side
from mail_relay.domain.notice import Detail, Notice

ADD = """
insert into notices
  (tenant, id, conversation_id, side, kind, about, message_id, created_at, send_at, traceparent)
values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $8, $9)
"""


async def add(
    tx: Tx,
    tenant: str,
    notice_id: UUID,
    conversation_id: UUID,
    side: Side,
    kind: str,
    about: Mapping[str, Detail],
    message_id: UUID | None,
    traceparent: str | None,
) -> None:
    """Record that a side is to be told something."""
    facts = to_json(about).decode()
    await tx.execute(ADD, tenant, notice_id, conversation_id, side, kind, facts, message_id, tx.now, traceparent)


CLAIM = """
with due as (
  select tenant, id
  from notices
  where sent_at is null
    and send_at <= $1
    and (leased_until is null or leased_until < clock_timestamp())
  order by send_at
  limit $2
  for update skip locked
), claimed as (
  update notices
  set leased_until = clock_timestamp() + $3
  from due
  where notices.tenant = due.tenant
    and notices.id = due.id
  returning notices.*
)
select json_agg(notice)::text
from (
  select n.tenant, n.id, n.conversation_id, n.side, n.kind, n.about, n.created_at, n.failures, n.traceparent,
         c.language, c.order_number, c.email_box, s.country, coalesce(s.legal_name, c.seller) as seller,
         s.email as reached, d.local_part as desk, a.local_part as other, m.message_id,
         m.side as written_by, m.original_id_box
  from claimed n
  join conversations c on c.tenant = n.tenant and c.id = n.conversation_id
  join aliases d on d.tenant = n.tenant and d.conversation_id = n.conversation_id and d.side = n.side and d.desk
  join aliases a on a.tenant = d.tenant and a.conversation_id = d.conversation_id and a.side <> d.side and not a.desk
  left join sellers s on s.tenant = c.tenant and s.seller = c.seller
  left join messages m on m.tenant = n.tenant and m.id = n.message_id
) as notice
"""
NOTICES = TypeAdapter(list[Notice])


async def claim(tx: Tx, limit: int, lease: timedelta) -> Sequence[Notice]:
    """Lease notices that are to be sent now."""
    text: str | None = await tx.value(CLAIM, tx.now, limit, lease)
    return [] if text is None else NOTICES.validate_json(text)


SETTLE = """
update notices
set sent_at = $3, send_at = coalesce($4, send_at), failures = $5, code = $6, answer = $7, leased_until = null
where tenant = $1
  and id = $2
"""


async def settle(tx: Tx, notice: Notice, again_at: datetime | None, failures: int, answer: tuple[int, str]) -> None:
    """Record that a notice is sent, or nobody waits for it, or when to try again."""
    sent_at = None if again_at else tx.now
    await tx.execute(SETTLE, notice.tenant, notice.id, sent_at, again_at, failures, *answer)


ANY_SINCE = """
select exists (
  select
  from notices
  where tenant = $1
    and conversation_id = $2
    and side = $3
    and kind = $4
    and created_at >= $5
    and (not $6 or code between 200 and 299)
)
"""


async def any_since(
    read: Read, tenant: str, conversation_id: UUID, side: Side, kind: str, since: datetime, *, taken: bool = False
) -> bool:
    """Return whether a side has got a notice of this kind since then, or one that its server has `taken`."""
    return bool(await read.value(ANY_SINCE, tenant, conversation_id, side, kind, since, taken))


OF_CONVERSATION = """
select id, side, kind, created_at, sent_at, code, answer
from notices
where tenant = $1
  and conversation_id = $2
order by created_at, id
"""


async def of_conversation(read: Read, tenant: str, conversation_id: UUID) -> list[asyncpg.Record]:
    """Return the notices about a conversation in their order."""
    return await read.fetch(OF_CONVERSATION, tenant, conversation_id)
