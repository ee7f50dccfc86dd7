"""Taking part, leaving, and being forgotten."""

from uuid import UUID

from chassis.consuming import ServiceName
from chassis.db import Tx
from chassis.identity import KeyRings
from contracts.accounts import CustomerErased, KeyDestroyed
from contracts.event import SubjectKey
from contracts.rewards import MemberEnrolled

from rewards.domain.membership import AccountErased, Enrolment, check_time_zone
from rewards.domain.programme import Terms
from rewards.store import customers
from rewards.usecases.evaluating import settle


async def enrol(
    tx: Tx,
    tenant: str,
    customer_id: UUID,
    contact: SubjectKey,
    market: str | None,
    language: str,
    time_zone: str,
    terms: Terms,
) -> UUID:
    """Enrol a customer from now on (L7), unless they are enrolled already; return the member's id."""
    check_time_zone(time_zone)
    customer = await customers.lock(tx, tenant, customer_id)
    if customer.erased_at is not None:
        raise AccountErased
    await customers.set_contact(tx, tenant, customer_id, contact)
    enrolments = await customers.enrolments(tx, tenant, customer_id)
    if enrolments and enrolments[-1].left_at is None:
        return customer.member_id
    enrolment = Enrolment(tx.now, None, market or terms.default_market, language, time_zone)
    await customers.enrol(tx, tenant, customer_id, enrolment)
    # a meeting after this moment may have been reported before it
    await settle(tx, customer, terms)
    tx.publish(
        MemberEnrolled(
            tenant=tenant,
            member=customer.member_id,
            customer=customer_id,
            market=enrolment.market,
            language=language,
            time_zone=time_zone,
            enrolled_at=tx.now,
        )
    )
    return customer.member_id


async def leave(tx: Tx, tenant: str, customer_id: UUID, terms: Terms) -> None:
    """End a membership: points earned before stay and can be spent. Safe to repeat."""
    customer = await customers.lock(tx, tenant, customer_id)
    await customers.leave(tx, tenant, customer_id, tx.now)
    await settle(tx, customer, terms)


async def erase_customer(tx: Tx, erased: CustomerErased, terms: Terms) -> None:
    """End the membership of an erased customer; what is left is kept under an id that leads to nobody."""
    customer = await customers.lock(tx, erased.tenant, erased.customer)
    await customers.erase(tx, erased.tenant, erased.customer, erased.erased_at)
    await customers.leave(tx, erased.tenant, erased.customer, erased.erased_at)
    await settle(tx, customer, terms)


async def drop_key(tx: Tx, destroyed: KeyDestroyed, keys: KeyRings, name: ServiceName) -> None:
    """Drop a destroyed key and seal nothing to it again; codes sealed to it stay and can never be read again."""
    keys.forget(destroyed.key)
    await customers.lock(tx, destroyed.tenant, destroyed.customer)
    if await customers.destroy_key(tx, destroyed.tenant, destroyed.customer, destroyed.key):
        tx.publish(destroyed.confirmed_by(name))
