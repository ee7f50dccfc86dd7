"""Proving: what happens to a conversation beside its messages is kept in a chain of its own (K10)."""

from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.proof import Fact, Proof
from mail_relay.store import proofs


async def take_turn(tx: Tx, tenant: str, conversation_id: UUID) -> None:
    """Let nobody else add to a conversation until the transaction ends: taken before its messages are changed."""
    await proofs.lock(tx, tenant, conversation_id)


async def prove(
    tx: Tx, tenant: str, conversation_id: UUID, fact: Fact, about: UUID, **details: str | int | None
) -> None:
    """Keep a fact as the last of a conversation; details name nobody. Nothing is kept of one that is removed."""
    found = await proofs.lock(tx, tenant, conversation_id)
    if found is None:
        return
    count, head = found
    await proofs.add(tx, tenant, Proof(conversation_id, count + 1, tx.now, fact, about, details), head)
