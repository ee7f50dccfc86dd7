"""What policies had done about messages, and what reviewers decided of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx

from mail_relay.domain.alias import Side
from mail_relay.domain.policy.finding import Kind

ADD = """
with judged as (
  insert into judgements (tenant, message_id, version, action, kind, rule, judged_at)
  values ($1, $2, $3, $4, $5, $6, $7)
)
update messages
set state = $8, settled_at = case when $8 = 'blocked' then $7 end
where tenant = $1
  and id = $2
  and state <> $8
"""


async def add(tx: Tx, tenant: str, message_id: UUID, judged: tuple[int, str, Kind, str], state: str) -> None:
    """Record what was done about a message: by version, action, kind and rule. It is in this state from now on."""
    await tx.execute(ADD, tenant, message_id, *judged, tx.now, state)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A message that the policy warned of, held or blocked, and what became of that."""

    message_id: UUID
    conversation_id: UUID
    side: Side
    state: str
    version: int
    action: str
    kind: str
    rule: str
    judged_at: datetime
    appealed_at: datetime | None
    released: bool | None
    reason: str | None
    decided_at: datetime | None


OF = """
select j.message_id, m.conversation_id, m.side, m.state, j.version, j.action, j.kind, j.rule, j.judged_at,
       j.appealed_at, j.released, j.reason, j.decided_at
from judgements j
join messages m on m.tenant = j.tenant and m.id = j.message_id
"""
OPEN = f"""{OF}
where j.tenant = $1
  and j.decided_at is null
  and (j.action = 'hold' or j.appealed_at is not null)
  and m.state in ('held', 'blocked')
  and ($2::uuid is null or j.message_id > $2)
order by j.message_id
limit $3
"""
FIND = f"{OF} where j.tenant = $1 and j.message_id = $2"


async def undecided(read: Read, tenant: str, after: UUID | None, limit: int) -> Sequence[Judgement]:
    """Return what is held, or blocked and appealed, and nobody has decided about, the oldest first."""
    return [_judgement(row) for row in await read.fetch(OPEN, tenant, after, limit)]


async def find(read: Read, tenant: str, message_id: UUID) -> Judgement | None:
    """Return what the policy had done about a message; None where it did nothing."""
    row = await read.row(FIND, tenant, message_id)
    return None if row is None else _judgement(row)


DECIDE = """
with decided as (
  update judgements
  set released = $3, reason = $4, decided_at = $5
  where tenant = $1
    and message_id = $2
    and decided_at is null
  returning message_id
)
update messages
set state = case when $3 then 'waiting' else 'blocked' end, send_at = $5,
    settled_at = case when $3 then null else $5::timestamptz end
from decided
where messages.tenant = $1
  and messages.id = decided.message_id
  and messages.state in ('held', 'blocked')
returning messages.id
"""


async def decide(tx: Tx, tenant: str, message_id: UUID, *, released: bool, reason: str | None) -> bool:
    """Record that a held or blocked message is passed on after all, or why not; false where that is decided already."""
    return await tx.value(DECIDE, tenant, message_id, released, reason, tx.now) is not None


WAITING = """
select count(*)
from judgements j
join messages m on m.tenant = j.tenant and m.id = j.message_id
where m.tenant = $1
  and m.conversation_id = $2
  and m.state = 'held'
  and j.kind = $3
"""


async def waiting(read: Read, tenant: str, conversation_id: UUID, kind: Kind) -> int:
    """Return how many messages of a conversation are held because of such a finding."""
    return await read.value(WAITING, tenant, conversation_id, kind) or 0


APPEAL = """
update judgements
set appealed_at = $4
from messages m
where judgements.tenant = $1
  and m.tenant = judgements.tenant
  and m.id = judgements.message_id
  and m.conversation_id = $2
  and m.side = $3
  and m.state in ('held', 'blocked')
  and judgements.appealed_at is null
  and judgements.decided_at is null
  and judgements.judged_at > $5
  and ($6::uuid is null or judgements.message_id = $6)
returning judgements.message_id
"""


async def appeal(
    tx: Tx, tenant: str, conversation_id: UUID, side: Side, since: datetime, message_id: UUID | None
) -> Sequence[UUID]:
    """Record that a side asks for a person to decide about what was held or blocked since then: this one, or all."""
    rows = await tx.fetch(APPEAL, tenant, conversation_id, side, tx.now, since, message_id)
    return [row["message_id"] for row in rows]


NOTICED = """
select message_id
from notices
where tenant = $1
  and id = $2
  and conversation_id = $3
  and side = $4
  and kind in ('message_held', 'message_blocked')
"""


async def noticed(read: Read, tenant: str, conversation_id: UUID, side: Side, notice_id: UUID | None) -> UUID | None:
    """Return the message that a notice told a side was held or blocked; None where it is no such notice of theirs."""
    return await read.value(NOTICED, tenant, notice_id, conversation_id, side)


def _judgement(row: asyncpg.Record) -> Judgement:
    fields: dict[str, Any] = dict(row)
    fields["side"] = Side(row["side"])
    return Judgement(**fields)
