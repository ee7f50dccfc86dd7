"""Forgetting what nobody can read any more."""

from chassis.consuming import ServiceName
from chassis.db import Tx
from chassis.identity import KeyRings
from contracts.accounts import KeyDestroyed

from letters.store import erasure


async def erase(tx: Tx, destroyed: KeyDestroyed, keys: KeyRings, name: ServiceName) -> None:
    """Drop a destroyed key and every box sealed to it; what was still to be sent is given up, with a record (ORD-2)."""
    keys.forget(destroyed.key)
    await erasure.erase(tx, destroyed.tenant, destroyed.key)
    tx.publish(destroyed.confirmed_by(name))
