"""Keeping copies of sellers' keys, and forgetting what nobody can read any more."""

from collections.abc import Callable
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import KeyDestroyed, TenantChanged, TenantOpened
from contracts.shared import ErasureConfirmed

from mail_relay.store import emails, orders, parts, sellers


async def copy_keys(tx: Tx, opened: TenantOpened | TenantChanged) -> None:
    """Know the public keys of the sellers' records; a year's key never changes."""
    for seller in opened.sellers:
        await sellers.put(tx, opened.tenant, seller)


async def forget_key(tx: Tx, destroyed: KeyDestroyed, forget: Callable[[UUID], None]) -> None:
    """Drop a destroyed key and every box sealed to it; what was still to be sent is given up, with a record (ORD-2)."""
    forget(destroyed.key)
    known = await orders.lock_of_contact(tx, destroyed.tenant, destroyed.key)
    if known:
        await orders.drop_boxes(tx, destroyed.tenant, destroyed.key)
        await parts.drop_boxes(tx, destroyed.tenant, known)
        await emails.drop_boxes(tx, destroyed.tenant, known)
        await emails.give_up(tx, destroyed.tenant, known)
    tx.publish(
        ErasureConfirmed(tenant=destroyed.tenant, customer=destroyed.customer, key=destroyed.key, service="mail-relay")
    )
