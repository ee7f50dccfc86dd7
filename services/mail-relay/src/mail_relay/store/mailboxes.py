"""Mailboxes of the sides of a conversation: whether what is sent to one still arrives."""

from uuid import UUID

from chassis.db import Read

from mail_relay.domain.alias import Side

# of a conversation `c`: how many messages to a side did not arrive since it last wrote, or has another address
MISSED = """
select count(*)
from messages m
left join sellers s on s.tenant = c.tenant and s.seller = c.seller
where m.tenant = c.tenant
  and m.conversation_id = c.id
  and m.side <> {side}
  and m.state in ('bounced', 'returned')
  and m.settled_at > greatest(
    '-infinity'::timestamptz,
    case when {side} = 'buyer' then c.readdressed_at else s.reached_since end,
    (
      select max(heard.received_at)
      from messages heard
      where heard.tenant = c.tenant
        and heard.conversation_id = c.id
        and heard.side = {side}
        and heard.state <> 'held'
    )
  )
"""
BOUNCES = f"""
select ({MISSED.format(side="$3::text")})
from conversations c
where c.tenant = $1
  and c.id = $2
"""  # noqa: S608 -- made of statements alone


async def bounces(read: Read, tenant: str, conversation_id: UUID, side: Side) -> int:
    """Return how many messages to a side did not arrive since it last wrote, or has another address."""
    return await read.value(BOUNCES, tenant, conversation_id, side) or 0
