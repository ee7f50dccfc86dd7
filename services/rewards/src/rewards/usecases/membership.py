"""Taking part, leaving, and being forgotten."""

from collections.abc import Callable
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import CustomerErased, KeyDestroyed
from contracts.event import SubjectKey
from contracts.rewards import MemberEnrolled
from contracts.shared import ErasureConfirmed

from rewards.domain.membership import AccountErased, Enrolment, check_time_zone
from rewards.store import customers
from rewards.usecases.judging import settle


async def enrol(
    tx: Tx,
    tenant: str,
    customer: UUID,
    contact: SubjectKey,
    market: str,
    language: str,
    time_zone: str,
    *,
    within_balance: bool,
) -> UUID:
    """Take part from now on (L7); whoever does already stays as they are. The member's id."""
    check_time_zone(time_zone)
    known = await customers.lock(tx, tenant, customer)
    if known.erased_at is not None:
        raise AccountErased
    await customers.set_contact(tx, tenant, customer, contact)
    enrolments = await customers.enrolments(tx, tenant, customer)
    if enrolments and enrolments[-1].left_at is None:
        return known.member
    enrolment = Enrolment(tx.now, None, market, language, time_zone)
    await customers.enrol(tx, tenant, customer, enrolment)
    # a meeting after this moment may have been heard of before it
    await settle(tx, known, within_balance=within_balance)
    tx.publish(
        MemberEnrolled(
            tenant=tenant,
            member=known.member,
            customer=customer,
            market=market,
            language=language,
            time_zone=time_zone,
            enrolled_at=tx.now,
        )
    )
    return known.member


async def leave(tx: Tx, tenant: str, customer: UUID, *, within_balance: bool) -> None:
    """Earn nothing from now on; points earned before stay and can be spent. Safe to repeat."""
    known = await customers.lock(tx, tenant, customer)
    await customers.leave(tx, tenant, customer, tx.now)
    await settle(tx, known, within_balance=within_balance)


async def erase_customer(tx: Tx, erased: CustomerErased, *, within_balance: bool) -> None:
    """An erased customer takes part no longer; what is left is kept under an id that leads to nobody."""
    known = await customers.lock(tx, erased.tenant, erased.customer)
    await customers.erase(tx, erased.tenant, erased.customer, erased.erased_at)
    await customers.leave(tx, erased.tenant, erased.customer, erased.erased_at)
    await settle(tx, known, within_balance=within_balance)


async def confirm_erasure(tx: Tx, destroyed: KeyDestroyed, forget: Callable[[UUID], None]) -> None:
    """Drop a destroyed key and seal nothing to it again; codes sealed to it stay and can never be read again."""
    forget(destroyed.key)
    tenant, customer, key = destroyed.tenant, destroyed.customer, destroyed.key
    await customers.lock(tx, tenant, customer)
    if await customers.destroy_key(tx, tenant, customer, key):
        tx.publish(ErasureConfirmed(tenant=tenant, customer=customer, key=key, service="rewards"))
