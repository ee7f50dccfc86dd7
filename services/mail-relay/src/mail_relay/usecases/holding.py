"""Holding: a legal hold keeps a case whole, and what it has delayed is done when the last one ends (MAIL-19)."""

from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.legal_hold import Ground, HoldUnknown
from mail_relay.domain.proof import Fact
from mail_relay.store import erasure, legal_holds
from mail_relay.usecases import proving


async def hold(tx: Tx, tenant: str, conversation_id: UUID, hold_id: UUID, ground: Ground) -> None:
    """Keep all that reviewers can read of a conversation until this hold is released; to do so again changes nothing.

    A claim gives its own id.
    """
    await proving.take_turn(tx, tenant, conversation_id)
    if await legal_holds.add(tx, tenant, conversation_id, hold_id, ground):
        await proving.prove(tx, tenant, conversation_id, Fact.HOLD_PLACED, hold_id, ground=ground.value)
        tx.audit("legal hold", hold_id, after={"conversation": str(conversation_id), "held": True})


async def release(tx: Tx, tenant: str, hold_id: UUID, ground: Ground) -> None:
    """End a hold; without another one, what an erasure had left is dropped at once, the rest when its time is over.

    Raises HoldUnknown.
    """
    conversation_id = await legal_holds.conversation_of(tx, tenant, hold_id, ground)
    if conversation_id is None:
        raise HoldUnknown
    await proving.take_turn(tx, tenant, conversation_id)
    if not await legal_holds.release(tx, tenant, hold_id):
        raise HoldUnknown
    await proving.prove(tx, tenant, conversation_id, Fact.HOLD_RELEASED, hold_id)
    tx.audit("legal hold", hold_id, after={"conversation": str(conversation_id), "held": False})
    await erasure.carry_out(tx, tenant, conversation_id)
