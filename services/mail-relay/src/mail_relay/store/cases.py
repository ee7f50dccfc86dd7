"""What a reviewer reads of a conversation at once: a page of its messages with their keys, and what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from chassis.db import Read

from mail_relay.domain.attempt import Refused
from mail_relay.domain.claim import Claim
from mail_relay.domain.legal_hold import LegalHold
from mail_relay.domain.proof import Proof
from mail_relay.store import claims, legal_holds, notices, proofs, refusals

PAGE = """
select id, number, side, received_at, size, content_hash, digest, state, settled_at, code, answer,
       repeats, repeated_at, records_key_box
from messages
where tenant = $1
  and conversation_id = $2
  and number > $3
order by number
limit $4
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A page of messages with the proofs about each, the latest refusals, all holds, claims and notices."""

    messages: Sequence[asyncpg.Record]
    proofs: Mapping[UUID, Sequence[Proof]]
    refused: Sequence[Refused]
    holds: Sequence[LegalHold]
    claims: Sequence[Claim]
    notices: Sequence[asyncpg.Record]


async def page(read: Read, tenant: str, conversation_id: UUID, after: int, limit: int, refused: int) -> Case:
    """Return the messages behind this number, one more than `limit` where there are, and the latest refusals."""
    messages = await read.fetch(PAGE, tenant, conversation_id, after, limit + 1)
    about: dict[UUID, list[Proof]] = {}
    for kept in await proofs.about(read, tenant, [row["id"] for row in messages[:limit]]):
        about.setdefault(kept.proof.about, []).append(kept.proof)
    turned = await refusals.of_conversation(read, tenant, conversation_id, refused)
    holds = await legal_holds.of_conversation(read, tenant, conversation_id)
    known = await claims.of_conversation(read, tenant, conversation_id)
    sent = [] if after else await notices.of_conversation(read, tenant, conversation_id)
    return Case(messages, about, turned, holds, known, sent)
