"""Forgetting a customer: no card is kept at the provider, and only then is the profile key confirmed (PAY-11)."""

from collections.abc import Callable
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import CustomerErased, KeyDestroyed, KeyKind
from contracts.shared import ErasureConfirmed

from payments.domain.provider import Goodbye
from payments.store import customers

SERVICE = "payments"


async def forget_customer(tx: Tx, erased: CustomerErased) -> None:
    """The provider shall forget the customer."""
    await _forget(tx, erased.tenant, erased.customer, None)


async def drop_key(tx: Tx, destroyed: KeyDestroyed, forget: Callable[[UUID], None]) -> None:
    """Drop a destroyed key; the profile's is confirmed once the provider has forgotten the customer too."""
    forget(destroyed.key)
    if destroyed.kind is KeyKind.PROFILE:
        await _forget(tx, destroyed.tenant, destroyed.customer, destroyed.key)
    else:
        _confirm(tx, destroyed.tenant, destroyed.customer, destroyed.key)


async def forgotten(tx: Tx, goodbye: Goodbye, _: None) -> None:
    """The provider has forgotten the customer."""
    await customers.gone(tx, goodbye.tenant, goodbye.customer)
    await _conclude(tx, goodbye.tenant, goodbye.customer)


async def _forget(tx: Tx, tenant: str, customer: UUID, profile_key: UUID | None) -> None:
    traceparent = tx.cause.traceparent if tx.cause is not None else None
    await customers.forget(tx, tenant, customer, profile_key, traceparent)
    await _conclude(tx, tenant, customer)
    tx.wake("forget customers")


async def _conclude(tx: Tx, tenant: str, customer: UUID) -> None:
    key = await customers.confirm(tx, tenant, customer)
    if key is not None:
        _confirm(tx, tenant, customer, key)


def _confirm(tx: Tx, tenant: str, customer: UUID, key: UUID) -> None:
    tx.publish(ErasureConfirmed(tenant=tenant, customer=customer, key=key, service=SERVICE))
