"""Proofs of what happened to a conversation beside its messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from pydantic_core import from_json, to_json

from mail_relay.domain.proof import Fact, Proof, digest

# No stronger: whoever adds a row that belongs to the conversation does not wait for this.
LOCK = """
select proofs, proofs_head
from conversations
where tenant = $1
  and id = $2
for no key update
"""


async def lock(tx: Tx, tenant: str, conversation_id: UUID) -> tuple[int, bytes | None] | None:
    """Lock a conversation; return how many proofs it has, and the digest of the last; None where it is gone."""
    row = await tx.row(LOCK, tenant, conversation_id)
    return None if row is None else (row["proofs"], row["proofs_head"])


LOCK_ALL = """
select tenant, id, proofs, proofs_head
from conversations
where (tenant, id) in (select tenant, id from unnest($1::text[], $2::uuid[]) as wanted (tenant, id))
order by id
for no key update
"""


async def lock_all(
    tx: Tx, conversations: Sequence[tuple[str, UUID]]
) -> Mapping[tuple[str, UUID], tuple[int, bytes | None]]:
    """Lock conversations, in one order; return of each that is there what `lock` does."""
    rows = await tx.fetch(LOCK_ALL, *map(list, zip(*conversations, strict=True))) if conversations else []
    return {(row["tenant"], row["id"]): (row["proofs"], row["proofs_head"]) for row in rows}


ADD = """
with counted as (
  update conversations
  set proofs = $3, proofs_head = $8
  where tenant = $1
    and id = $2
)
insert into proofs (tenant, conversation_id, number, at, fact, about, details, digest)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def add(tx: Tx, tenant: str, proof: Proof, before: bytes | None) -> None:
    """Keep a proof as the last of its conversation, which is locked."""
    of = (proof.conversation_id, proof.number, proof.at, proof.fact, proof.about)
    await tx.execute(ADD, tenant, *of, to_json(proof.details).decode(), digest(proof.link(), before))


@dataclass(frozen=True, slots=True)
class Kept:
    """A proof as it is kept."""

    proof: Proof
    digest: bytes


OF_CONVERSATION = """
select conversation_id, number, at, fact, about, details, digest
from proofs
where tenant = $1
  and conversation_id = $2
  and number > $3
order by number
limit $4
"""


async def of_conversation(
    read: Read, tenant: str, conversation_id: UUID, after: int, limit: int | None
) -> Sequence[Kept]:
    """Return the proofs of a conversation in their order."""
    return [_kept(row) for row in await read.fetch(OF_CONVERSATION, tenant, conversation_id, after, limit)]


ABOUT = """
select conversation_id, number, at, fact, about, details, digest
from proofs
where tenant = $1
  and about = any($2::uuid[])
order by number
"""


async def about(read: Read, tenant: str, ids: Sequence[UUID]) -> Sequence[Kept]:
    """Return the proofs of these messages in their order."""
    return [_kept(row) for row in await read.fetch(ABOUT, tenant, ids)]


def _kept(row: asyncpg.Record) -> Kept:
    details = from_json(row["details"])
    proof = Proof(row["conversation_id"], row["number"], row["at"], Fact(row["fact"]), row["about"], details)
    return Kept(proof, row["digest"])
