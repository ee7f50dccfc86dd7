"""Obeying a customer's erasure."""

from collections.abc import Callable
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import KeyDestroyed
from contracts.shared import ErasureConfirmed


async def confirm_erasure(tx: Tx, destroyed: KeyDestroyed, forget: Callable[[UUID], None]) -> None:
    """Drop a destroyed key: statistics stay with blanks (E19), a link's box can never be opened again."""
    forget(destroyed.key)
    tx.publish(
        ErasureConfirmed(tenant=destroyed.tenant, customer=destroyed.customer, key=destroyed.key, service="delivery")
    )
