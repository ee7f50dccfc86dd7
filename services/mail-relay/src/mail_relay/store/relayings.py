"""Messages that the other side's server has accepted, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Tx
from pydantic_core import to_json

from mail_relay.domain.proof import Proof, digest
from mail_relay.store.messages import Settled


@dataclass(frozen=True, slots=True)
class Relayed:
    """A message that was accepted, with what its server answered, and the proof of it behind the digest `before`."""

    tenant: str
    code: int
    answer: str
    proof: Proof
    before: bytes | None


# What another replica has settled is proved no more: of each conversation there is one message here at most.
ADD = """
with given as (
  select *
  from unnest($1::text[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::integer[], $7::text[], $8::bytea[])
    as given (tenant, conversation_id, id, code, answer, number, details, digest)
), settled as (
  update messages
  set state = 'relayed', send_at = $9, settled_at = $9, leased_until = null, code = given.code, answer = given.answer
  from given
  where messages.tenant = given.tenant
    and messages.id = given.id
    and messages.state = 'waiting'
  returning messages.tenant, messages.id, messages.conversation_id, messages.number
), proved as (
  insert into proofs (tenant, conversation_id, number, at, fact, about, details, digest)
  select tenant, conversation_id, given.number, $9, 'relayed', id, details, digest
  from settled
  join given using (tenant, conversation_id, id)
), counted as (
  update conversations
  set proofs = given.number, proofs_head = given.digest
  from settled
  join given using (tenant, conversation_id, id)
  where conversations.tenant = settled.tenant
    and conversations.id = settled.conversation_id
)
select settled.id, c.order_id, exists (
  select
  from messages later
  where later.tenant = settled.tenant
    and later.conversation_id = settled.conversation_id
    and later.number > settled.number
    and later.state = 'waiting'
) as followed
from settled
join conversations c on c.tenant = settled.tenant and c.id = settled.conversation_id
"""


async def add(tx: Tx, relayed: Sequence[Relayed]) -> Mapping[UUID, Settled]:
    """Record that messages were accepted, of each conversation (locked) one at most; return those that were waiting."""
    if not relayed:
        return {}
    columns = zip(*map(_row, relayed), strict=True)
    rows = await tx.fetch(ADD, *map(list, columns), tx.now)
    return {row["id"]: Settled(row["order_id"], followed=row["followed"]) for row in rows}


def _row(one: Relayed) -> tuple[object, ...]:
    proof = one.proof
    details = to_json(proof.details).decode()
    of = (one.tenant, proof.conversation_id, proof.about, one.code, one.answer)
    return *of, proof.number, details, digest(proof.link(), one.before)
