"""Forgetting what nobody can read any more."""

from chassis.consuming import ServiceName
from chassis.db import Tx
from chassis.identity import KeyRings
from contracts.accounts import KeyDestroyed

from mail_relay.store import erasure


async def erase(tx: Tx, destroyed: KeyDestroyed, keys: KeyRings, name: ServiceName) -> None:
    """Drop a destroyed key and every box sealed to it; nobody can write to its conversations any more (MAIL-19)."""
    keys.forget(destroyed.key)
    await erasure.erase(tx, destroyed.tenant, destroyed.key)
    tx.publish(destroyed.confirmed_by(name))
