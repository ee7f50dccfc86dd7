"""Erasure: a customer's keys are destroyed when all their orders are closed and they chose so (M26, ORD-2)."""

from collections.abc import Sequence

from chassis.consuming import Message, Touched
from chassis.db import Tx
from chassis.jobs import in_parts
from contracts.accounts import CustomerErased, KeyDestroyed, KeyKind
from contracts.orders import OrderClosed, OrderPlaced
from contracts.shared import ErasureConfirmed
from contracts.wire import Attributes

from accounts.domain.erasure import PrivacyChoice, contact_is_due, expected_services, profile_is_due
from accounts.domain.tokens import ACCESS_LIFETIME
from accounts.store import (
    attempts,
    customers,
    erasures,
    logins,
    orders,
    organisation_invitations,
    services,
    sessions,
    subject_keys,
)
from accounts.store.customers import Customer
from accounts.usecases import exporting, indexing, organisations
from accounts.usecases.key_management import KeyManagement

AT_ONCE = 20


async def follow_orders(tx: Tx, messages: Sequence[Message[OrderPlaced | OrderClosed]], kms: KeyManagement) -> None:
    """Record orders and their closing, destroy what has to be destroyed of their customers, and index the rest."""
    events = [message.event for message in messages]
    await orders.record(tx, events)
    await conclude(tx, {(one.event.tenant, one.event.customer): one.cause for one in messages})
    await indexing.index(tx, [event for event in events if isinstance(event, OrderPlaced)], kms)


async def record_confirmation(tx: Tx, confirmed: ErasureConfirmed) -> None:
    """Record that a service can no longer read what was sealed to a key, also before the key is destroyed here."""
    await erasures.confirm(tx, confirmed.tenant, confirmed.customer, confirmed.key, confirmed.service)


async def destroy_again(tx: Tx, destroyed: KeyDestroyed) -> None:
    """Destroy what this database has again, because it was restored to a state of before; publishes nothing."""
    for customer in await customers.lock(tx, [(destroyed.tenant, destroyed.customer)]):
        if destroyed.kind is KeyKind.PROFILE and customer.erased_at is None:
            await _remove_profile(tx, customer)
        elif destroyed.kind is KeyKind.CONTACT and customer.contact_erased_at is None:
            await customers.erase_contact(tx, customer.tenant, customer.id)
        await subject_keys.destroy(tx, customer.tenant, str(customer.id), destroyed.kind)


async def conclude(tx: Tx, touched: Touched) -> None:
    """Destroy what has to be destroyed of these customers by what is known now; safe to repeat."""
    found = await customers.lock(tx, touched)
    # read after the locks, so that of two who close orders of one customer the later sees both closed
    known = await orders.of_customers(tx, touched)
    for customer in found:
        key = (customer.tenant, customer.id)
        erased_at = customer.erased_at
        choice = PrivacyChoice(customer.keep_data, customer.deletion_asked_at is not None)
        if erased_at is None and profile_is_due(choice, known[key]):
            await _erase_profile(tx, customer, touched[key])
            erased_at = tx.now
        if customer.contact_erased_at is None and contact_is_due(known[key], erased_at, tx.now):
            await customers.erase_contact(tx, *key)
            await _destroy(tx, customer, KeyKind.CONTACT, touched[key])


async def destroy_contact_keys(tx: Tx) -> bool:
    """Destroy the contact keys of erased customers who need not be reached any more; true if there may be more."""
    due = await erasures.unfinished(tx, tx.now - ACCESS_LIFETIME, AT_ONCE)
    done = await in_parts(tx, "destroy contact keys", due, lambda some: conclude(tx, dict.fromkeys(some)), tuple)
    return done > 0 and len(due) == AT_ONCE


async def _erase_profile(tx: Tx, customer: Customer, cause: Attributes | None) -> None:
    expected = await _remove_profile(tx, customer)
    await _destroy(tx, customer, KeyKind.PROFILE, cause)
    erased = CustomerErased(tenant=customer.tenant, customer=customer.id, erased_at=tx.now, expected=expected)
    tx.publish(erased, cause=cause)


async def _remove_profile(tx: Tx, customer: Customer) -> list[str]:
    """Remove the profile, and with it every way to sign in or to be found; return who has to confirm that."""
    tenant, customer_id = customer.tenant, customer.id
    await customers.erase_profile(tx, tenant, customer_id)
    email_hmac = await logins.remove(tx, tenant, customer_id)
    if email_hmac is not None:
        await attempts.remove_all(tx, tenant, email_hmac)
        await organisation_invitations.forget(tx, tenant, email_hmac)
    await organisations.forget(tx, tenant, customer_id)
    await sessions.remove(tx, tenant, customer_id)
    await exporting.remove_of(tx, tenant, customer_id)
    expected = expected_services(await services.names(tx))
    await erasures.add(tx, tenant, customer_id, expected)
    return expected


async def _destroy(tx: Tx, customer: Customer, kind: KeyKind, cause: Attributes | None) -> None:
    key_id = await subject_keys.destroy(tx, customer.tenant, str(customer.id), kind)
    if key_id is not None:
        destroyed = KeyDestroyed(
            tenant=customer.tenant, customer=customer.id, key=key_id, kind=kind, destroyed_at=tx.now
        )
        tx.publish(destroyed, cause=cause)
