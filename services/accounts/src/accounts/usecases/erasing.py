"""Erasure: a customer's keys are destroyed when all their orders are closed and they chose so (M26, ORD-2)."""

from uuid import UUID

from chassis.db import Tx
from contracts.accounts import CustomerErased, KeyDestroyed, KeyKind
from contracts.orders import OrderClosed, OrderPlaced
from contracts.shared import ErasureConfirmed

from accounts.domain.erasure import EXPECTED, Choice, contact_goes, profile_goes
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.domain.tokens import ACCESS_LIFETIME
from accounts.store import attempts, customers, erasures, logins, orders, sessions, subject_keys

AT_ONCE = 20


async def hear_placed(tx: Tx, placed: OrderPlaced) -> None:
    """Know that a customer has an order; nothing is destroyed by hearing of one."""
    await customers.lock(tx, placed.tenant, placed.customer)
    await orders.place(tx, placed.tenant, placed.customer, placed.order)


async def hear_closed(tx: Tx, closed: OrderClosed) -> None:
    """Know that an order is closed, and until when its customer may have to be reached."""
    await customers.lock(tx, closed.tenant, closed.customer)
    await orders.close(tx, closed.tenant, closed.customer, closed.order, closed.closed_at, closed.contact_until)
    await conclude(tx, closed.tenant, closed.customer)


async def hear_confirmed(tx: Tx, confirmed: ErasureConfirmed) -> None:
    """Know that a service can no longer read what was sealed to a key, also before it is known here as destroyed."""
    await erasures.confirm(tx, confirmed.tenant, confirmed.customer, confirmed.key, confirmed.service)


async def conclude(tx: Tx, tenant: str, customer: UUID) -> None:
    """Destroy what has to be destroyed by what is known now; safe to repeat."""
    known = await customers.lock(tx, tenant, customer)
    if known is None:
        return
    of_customer = await orders.of_customer(tx, tenant, customer)
    erased_at = known.erased_at
    choice = Choice(known.keep_data, known.deletion_asked_at is not None)
    if erased_at is None and profile_goes(choice, of_customer):
        await _erase(tx, tenant, customer)
        erased_at = tx.now
    if known.contact_erased_at is None and contact_goes(of_customer, erased_at, tx.now):
        await customers.erase_contact(tx, tenant, customer)
        await _destroy(tx, tenant, customer, CONTACT)


async def destroy_contacts(tx: Tx) -> bool:
    """Destroy the contact keys of erased customers who need not be reached any more; whether there may be more."""
    due = await erasures.to_finish(tx, tx.now - ACCESS_LIFETIME, AT_ONCE)
    for tenant, customer in due:
        await conclude(tx, tenant, customer)
    return len(due) == AT_ONCE


async def _erase(tx: Tx, tenant: str, customer: UUID) -> None:
    """The profile goes, and with it every way to sign in or to be found."""
    await customers.erase(tx, tenant, customer)
    email_mark = await logins.remove(tx, tenant, customer)
    if email_mark is not None:
        await attempts.forget(tx, tenant, email_mark)
    await sessions.remove(tx, tenant, customer)
    await erasures.begin(tx, tenant, customer, EXPECTED)
    await _destroy(tx, tenant, customer, PROFILE)
    tx.publish(CustomerErased(tenant=tenant, customer=customer, erased_at=tx.now, expected=list(EXPECTED)))


async def _destroy(tx: Tx, tenant: str, customer: UUID, kind: str) -> None:
    key = await subject_keys.destroy(tx, tenant, str(customer), kind)
    if key is not None:
        tx.publish(KeyDestroyed(tenant=tenant, customer=customer, key=key, kind=KeyKind(kind), destroyed_at=tx.now))
