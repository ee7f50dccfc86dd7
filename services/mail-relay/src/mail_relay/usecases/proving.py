"""Proving: what happens to a conversation beside its messages is kept in a chain of its own (K10)."""

from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.proof import Fact, Proof
from mail_relay.store import proofs

End = tuple[int, bytes | None]
"""How many proofs a conversation has, and the digest of the last."""


async def take_turn(tx: Tx, tenant: str, conversation_id: UUID) -> End | None:
    """Let nobody else add to a conversation until the transaction ends: taken before its messages are changed.

    Returns where its proofs end, or None where it is removed.
    """
    return await proofs.lock(tx, tenant, conversation_id)


async def prove(
    tx: Tx, tenant: str, conversation_id: UUID, fact: Fact, about: UUID, **details: str | int | None
) -> None:
    """Keep a fact as the last of a conversation; details name nobody. Nothing is kept of one that is removed."""
    end = await take_turn(tx, tenant, conversation_id)
    if end is not None:
        await prove_behind(tx, tenant, conversation_id, end, fact, about, **details)


async def prove_behind(
    tx: Tx, tenant: str, conversation_id: UUID, end: End, fact: Fact, about: UUID, **details: str | int | None
) -> None:
    """Keep a fact behind the end that whose turn it is has got; details name nobody."""
    count, head = end
    await proofs.add(tx, tenant, Proof(conversation_id, count + 1, tx.now, fact, about, details), head)
