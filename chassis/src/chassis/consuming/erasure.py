"""Confirming that what was sealed to a destroyed key can no longer be read here (ORD-2)."""

from typing import Final

from contracts.accounts import KeyDestroyed

from chassis.consuming.reactions import on
from chassis.db.transaction import Tx
from chassis.identity.keyrings import KeyRings


class ServiceName(str):
    """The name of the service that runs, as events name it."""

    __slots__ = ()


async def confirm_erasure(tx: Tx, destroyed: KeyDestroyed, keys: KeyRings, name: ServiceName) -> None:
    """Drop a destroyed key; what was sealed to it stays where it is and can never be read again."""
    keys.forget(destroyed.key)
    tx.publish(destroyed.confirmed_by(name))


ERASURE: Final = on(KeyDestroyed, confirm_erasure)
