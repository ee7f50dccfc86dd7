"""Messages that were received, what became of them, and what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from pydantic import TypeAdapter

from mail_relay.domain.message import Kept, State
from mail_relay.domain.relaying import Task
from mail_relay.domain.repetition import KNOWN_FOR

LOCK = """
select messages, head
from conversations
where tenant = $1
  and id = $2
for update
"""


async def lock(tx: Tx, tenant: str, conversation_id: UUID) -> tuple[int, bytes | None]:
    """Lock a conversation; return how many messages it has, and the digest of the last."""
    row = await tx.row(LOCK, tenant, conversation_id)
    if row is None:
        raise LookupError(conversation_id)
    return row["messages"], row["head"]


LOCK_ALL = """
select tenant, id, messages, head
from conversations
where (tenant, id) in (select tenant, id from unnest($1::text[], $2::uuid[]) as wanted (tenant, id))
order by id
for update
"""


async def lock_all(tx: Tx, conversations: Sequence[tuple[str, UUID]]) -> list[tuple[int, bytes | None]]:
    """Lock conversations, in one order whatever the given one; return of each what `lock` does."""
    rows = await tx.fetch(LOCK_ALL, *map(list, zip(*conversations, strict=True)))
    found = {(row["tenant"], row["id"]): (row["messages"], row["head"]) for row in rows}
    return [found[one] for one in conversations]


@dataclass(frozen=True, slots=True)
class Added:
    """A message as it is kept: the key of its content sealed twice, its ids, whether it is to be relayed or filed."""

    tenant: str
    kept: Kept
    digest: bytes
    contact_key_box: str
    records_key_box: str | None
    message_id: str
    original_id_box: str | None
    traceparent: str | None
    state: State
    fingerprint: bytes | None


ADD = """
with given as (
  select *
  from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::timestamptz[], $7::integer[],
              $8::bytea[], $9::bytea[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
              $16::bytea[])
    as given (tenant, id, conversation_id, side, number, received_at, size, content_hash, digest, contact_key_box,
              records_key_box, message_id, original_id_box, traceparent, state, fingerprint)
), counted as (
  update conversations
  set messages = given.number, head = given.digest
  from given
  where conversations.tenant = given.tenant
    and conversations.id = given.conversation_id
)
insert into messages
  (tenant, id, conversation_id, side, number, received_at, size, content_hash, digest, contact_key_box,
   records_key_box, message_id, original_id_box, traceparent, state, fingerprint, send_at, settled_at)
select *, received_at, case when state = 'filed' then received_at end
from given
"""


async def add(tx: Tx, added: Sequence[Added]) -> None:
    """Keep messages, each as the last of its conversation."""
    if added:
        await tx.execute(ADD, *map(list, zip(*map(_row, added), strict=True)))


def _row(one: Added) -> tuple[object, ...]:
    kept = one.kept
    of = (kept.id, kept.conversation_id, kept.side, kept.number, kept.received_at, kept.size, kept.content_hash)
    boxes = (one.contact_key_box, one.records_key_box)
    ids = (one.message_id, one.original_id_box, one.traceparent)
    return one.tenant, *of, one.digest, *boxes, *ids, one.state, one.fingerprint


REPEATED = """
update messages
set repeats = repeats + 1, repeated_at = $4
where tenant = $1
  and conversation_id = $2
  and fingerprint = $3
  and received_at > $5
returning id
"""


async def repeated(tx: Tx, tenant: str, conversation_id: UUID, fingerprint: bytes) -> UUID | None:
    """Count that a message was handed in again, and return its id; None where it was not before."""
    return await tx.value(REPEATED, tenant, conversation_id, fingerprint, tx.now, tx.now - KNOWN_FOR)


# Those of one conversation leave one after the other.
CLAIM = """
with due as (
  select tenant, id
  from messages
  where state = 'waiting'
    and send_at <= $1
    and (leased_until is null or leased_until < clock_timestamp())
    and not exists (
      select from messages earlier
      where earlier.tenant = messages.tenant
        and earlier.conversation_id = messages.conversation_id
        and earlier.number < messages.number
        and earlier.state = 'waiting'
    )
  order by send_at
  limit $2
  for update skip locked
), claimed as (
  update messages
  set leased_until = clock_timestamp() + $3
  from due
  where messages.tenant = due.tenant
    and messages.id = due.id
  returning messages.*
)
select json_agg(task)::text
from (
  select m.tenant, m.id, m.conversation_id, m.side, m.number, m.received_at, m.contact_key_box, m.message_id, m.lost,
         m.failures, m.first_failed_at, m.traceparent, c.seller, c.name_box, c.email_box, c.language, c.order_number,
         (
           select json_build_object('legal_name', legal_name, 'email', email)
           from sellers
           where sellers.tenant = c.tenant
             and sellers.seller = c.seller
         ) as reached,
         (
           select coalesce(json_agg(address), '[]')
           from (
             select tenant, seller, address from writers
             union all
             select tenant, seller, address from former_addresses
           ) as theirs
           where theirs.tenant = c.tenant
             and theirs.seller = c.seller
             and m.side = 'seller'
         ) as writers,
         (
           select json_object_agg(side, local_part)
           from aliases
           where aliases.tenant = c.tenant
             and aliases.conversation_id = c.id
             and not aliases.desk
         ) as aliases,
         coalesce(
           (
             select (document ->> 'opt_out')::boolean
             from policies
             where policies.tenant = m.tenant
               and policies.valid_from <= $1
             order by valid_from desc, version desc
             limit 1
           ),
           true
         ) as opt_out,
         (
           select json_agg(json_build_object('side', side, 'message_id', message_id, 'original', original_id_box))
           from (
             select side, message_id, original_id_box
             from messages known
             where known.tenant = m.tenant
               and known.conversation_id = m.conversation_id
               and known.number <= m.number
               and known.original_id_box is not null
               and known.state <> 'filed'
             order by number desc
             limit $4
           ) as newest
         ) as thread
  from claimed m
  join conversations c on c.tenant = m.tenant and c.id = m.conversation_id
) as task
"""
TASKS = TypeAdapter(list[Task])
# What a reply refers to further back is not known to its reader's program any more, or stands in the references.
LONGEST_THREAD = 200


async def claim(tx: Tx, limit: int, lease: timedelta) -> Sequence[Task]:
    """Lease messages that are to be relayed now."""
    text: str | None = await tx.value(CLAIM, tx.now, limit, lease, LONGEST_THREAD)
    return [] if text is None else TASKS.validate_json(text)


@dataclass(frozen=True, slots=True)
class Settled:
    """About which order a settled message was, if any, and whether another one of its conversation waits behind it."""

    order_id: UUID | None
    followed: bool


SETTLE = """
update messages
set state = $3, send_at = $4, lost = $5, failures = $6, first_failed_at = $7, code = $8, answer = $9,
    leased_until = null, settled_at = case when $3 = 'waiting' then null else $10::timestamptz end
from conversations c
where messages.tenant = $1
  and messages.id = $2
  and messages.state = 'waiting'
  and c.tenant = messages.tenant
  and c.id = messages.conversation_id
returning c.order_id, exists (
  select
  from messages later
  where later.tenant = messages.tenant
    and later.conversation_id = messages.conversation_id
    and later.number > messages.number
    and later.state = 'waiting'
) as followed
"""


async def settle(
    tx: Tx, task: Task, state: State, send_at: datetime, answer: tuple[int, str], *, failed: tuple[bool, int]
) -> Settled | None:
    """Record how an attempt ended; None where somebody else has."""
    lost, failures = failed
    first = task.first_failed_at or (tx.now if failures else None)
    row = await tx.row(SETTLE, task.tenant, task.id, state, send_at, lost, failures, first, *answer, tx.now)
    return None if row is None else Settled(row["order_id"], followed=row["followed"])


BOXES = """
select id, number, side, received_at, size, content_hash, digest, state, records_key_box
from messages
where tenant = $1
  and conversation_id = $2
order by number
"""


async def boxes(read: Read, tenant: str, conversation_id: UUID) -> list[asyncpg.Record]:
    """Return all messages of a conversation with the keys of their contents, sealed to the seller's records."""
    return await read.fetch(BOXES, tenant, conversation_id)


OF_CONVERSATION = """
select id, number, side, received_at, size, content_hash, digest, state, settled_at, code, answer, repeats, repeated_at
from messages
where tenant = $1
  and conversation_id = $2
  and number > $3
order by number
limit $4
"""


async def of_conversation(
    read: Read, tenant: str, conversation_id: UUID, after: int, limit: int
) -> list[asyncpg.Record]:
    """Return the messages of a conversation in their order."""
    return await read.fetch(OF_CONVERSATION, tenant, conversation_id, after, limit)
