"""Mailboxes of the sides of a conversation: whether what is sent to one still arrives."""

from uuid import UUID

from chassis.db import Read

from mail_relay.domain.alias import Side

BOUNCES = """
select count(*)
from messages m
join conversations c on c.tenant = m.tenant and c.id = m.conversation_id
left join sellers s on s.tenant = c.tenant and s.seller = c.seller
where m.tenant = $1
  and m.conversation_id = $2
  and m.side <> $3::text
  and m.state in ('bounced', 'returned')
  and m.settled_at > greatest(
    '-infinity'::timestamptz,
    case when $3 = 'buyer' then c.readdressed_at else s.reached_since end,
    (
      select max(heard.received_at)
      from messages heard
      where heard.tenant = m.tenant
        and heard.conversation_id = m.conversation_id
        and heard.side = $3
    )
  )
"""


async def bounces(read: Read, tenant: str, conversation_id: UUID, side: Side) -> int:
    """Return how many messages to a side did not arrive since it last wrote, or has another address."""
    return await read.value(BOUNCES, tenant, conversation_id, side) or 0
