"""Erasing a customer: no card is kept at the provider, and only then is the profile key confirmed (PAY-11)."""

from uuid import UUID

from chassis.consuming import ServiceName
from chassis.db import Tx
from chassis.identity import KeyRings
from chassis.jobs import Trigger
from chassis.telemetry import current_traceparent
from contracts.accounts import CustomerErased, KeyDestroyed, KeyKind
from contracts.shared import ErasureConfirmed

from payments.domain.provider import CustomerDeletion
from payments.store import customers

DELETE_CUSTOMERS = Trigger("delete customers")


async def erase_customer(tx: Tx, erased: CustomerErased, name: ServiceName) -> None:
    """Have the provider delete the customer."""
    await _delete(tx, erased.tenant, erased.customer, None, name)


async def drop_key(tx: Tx, destroyed: KeyDestroyed, keys: KeyRings, name: ServiceName) -> None:
    """Drop a destroyed key; the profile's is confirmed once the provider has deleted the customer too."""
    keys.forget(destroyed.key)
    if destroyed.kind is KeyKind.PROFILE:
        await _delete(tx, destroyed.tenant, destroyed.customer, destroyed.key, name)
    else:
        tx.publish(destroyed.confirmed_by(name))


async def record_deletion(tx: Tx, deletion: CustomerDeletion, _: None, name: ServiceName) -> None:
    """Record that the provider has deleted the customer."""
    await customers.deleted(tx, deletion.tenant, deletion.customer_id)
    await _confirm(tx, deletion.tenant, deletion.customer_id, name)


async def _delete(tx: Tx, tenant: str, customer_id: UUID, profile_key_id: UUID | None, name: ServiceName) -> None:
    await customers.request_deletion(tx, tenant, customer_id, profile_key_id, current_traceparent())
    await _confirm(tx, tenant, customer_id, name)
    tx.wake(DELETE_CUSTOMERS)


async def _confirm(tx: Tx, tenant: str, customer_id: UUID, name: ServiceName) -> None:
    key = await customers.confirm(tx, tenant, customer_id)
    if key is not None:
        tx.publish(ErasureConfirmed(tenant=tenant, customer=customer_id, key=key, service=name))
