"""What buyers have asked and sellers have not answered yet, and how fast sellers answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from chassis.db import Read, Tx

from mail_relay.domain.policy.clock import Side, Written

ASK = """
insert into questions (tenant, conversation_id, message_id, asked_at, due_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant, conversation_id) do nothing
"""


async def ask(tx: Tx, tenant: str, conversation_id: UUID, message_id: UUID, due_at: datetime) -> None:
    """Let the clock of a conversation run, unless it does."""
    await tx.execute(ASK, tenant, conversation_id, message_id, tx.now, due_at)


ANSWER = """
delete from questions
where tenant = $1
  and conversation_id = $2
"""


async def answer(tx: Tx, tenant: str, conversation_id: UUID) -> None:
    """Let the clock of a conversation stop."""
    await tx.execute(ANSWER, tenant, conversation_id)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that nobody has answered in time."""

    tenant: str
    conversation_id: UUID
    message_id: UUID
    asked_at: datetime


# What was asked before the order counts until it is answered.
ASKED = """
select exists (
  select
  from messages m
  left join order_units u on u.tenant = m.tenant and u.order_id = $3
  where m.tenant = $1
    and m.conversation_id = $2
    and m.side = 'buyer'
    and m.state not in ('filed', 'held', 'blocked')
    and (
      m.received_at >= u.ordered_at
      or not exists (
        select
        from messages answered
        where answered.tenant = m.tenant
          and answered.conversation_id = m.conversation_id
          and answered.side = 'seller'
          and answered.state not in ('filed', 'held', 'blocked')
          and answered.number > m.number
      )
    )
)
"""


async def asked(read: Read, tenant: str, conversation_id: UUID, order_id: UUID) -> bool:
    """Return whether the buyer has written to the seller about an order, or waits for an answer."""
    return bool(await read.value(ASKED, tenant, conversation_id, order_id))


NOTICE = """
update questions
set noticed_at = $1
from (
  select tenant, conversation_id
  from questions
  where due_at <= $1
    and noticed_at is null
  order by due_at
  limit $2
  for update skip locked
) as due
where questions.tenant = due.tenant
  and questions.conversation_id = due.conversation_id
returning questions.tenant, questions.conversation_id, questions.message_id, questions.asked_at
"""


async def notice(tx: Tx, limit: int) -> Sequence[Unanswered]:
    """Return what was not answered in time and is noticed now, each once."""
    return [Unanswered(**row) for row in await tx.fetch(NOTICE, tx.now, limit)]


NEEDS_NONE = """
update messages
set no_answer_at = coalesce(no_answer_at, $4)
where tenant = $1
  and conversation_id = $2
  and side = 'buyer'
  and state <> 'filed'
  and ($3::uuid is null or id = $3)
  and received_at >= coalesce(
    (
      select max(answered.received_at)
      from messages answered
      where answered.tenant = $1
        and answered.conversation_id = $2
        and answered.side = 'seller'
        and answered.state not in ('filed', 'blocked', 'held')
    ),
    '-infinity'
  )
returning id
"""


async def needs_none(tx: Tx, tenant: str, conversation_id: UUID, message_id: UUID | None) -> bool:
    """Mark what the buyer has written since the seller answered, or one of it, as what needs no answer (MAIL-9)."""
    return bool(await tx.fetch(NEEDS_NONE, tenant, conversation_id, message_id, tx.now))


# a question is as old as its first message, and so a conversation is read whole
WRITTEN = """
select m.conversation_id, m.side, coalesce(j.decided_at, m.received_at) as received_at,
       m.no_answer_at is not null as no_answer_needed
from messages m
left join judgements j on j.tenant = m.tenant and j.message_id = m.id and j.released
where m.tenant = $1
  and m.state not in ('filed', 'blocked', 'held')
  and m.conversation_id in (
    select c.id
    from conversations c
    where c.tenant = $1
      and c.seller = $2
      and exists (
        select
        from messages recent
        where recent.tenant = c.tenant
          and recent.conversation_id = c.id
          and recent.received_at > $3
      )
  )
order by m.conversation_id, 3, m.number
"""


async def written(read: Read, tenant: str, seller: str, since: datetime) -> Sequence[Sequence[Written]]:
    """Return the messages of each conversation of a seller in which anybody has written since then.

    What was held is written when it was released.
    """
    rows = await read.fetch(WRITTEN, tenant, seller, since)
    return [
        [Written(Side(row["side"]), row["received_at"], no_answer_needed=row["no_answer_needed"]) for row in messages]
        for _, messages in groupby(rows, key=lambda row: row["conversation_id"])
    ]
