"""What people see, choose and change about themselves (M25, M26)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from contracts.accounts import PrivacyChosen

from accounts.domain.people import CUSTOMER_ROLE, AccountErased, CustomerUnknown, PasswordRefused
from accounts.store import customers, known_networks, logins, staff
from accounts.usecases import erasing, signing_in
from accounts.usecases.key_management import KeyManagement


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """What is known of a customer, readable."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    customer: customers.Customer


@dataclass(frozen=True, slots=True)
class ChoiceStatus:
    """What a customer has chosen, and whether it has been carried out."""

    keep_data: bool
    deletion_asked_at: datetime | None
    erased_at: datetime | None


async def of_customer(read: Read, tenant: str, customer_id: UUID, kms: KeyManagement) -> CustomerProfile:
    """Return what is known of a customer, opened with their own key; raises CustomerUnknown or AccountErased."""
    customer = await customers.find(read, tenant, customer_id)
    if customer is None:
        raise CustomerUnknown
    boxes = customer.boxes
    opened = await kms.open(read, tenant, [boxes.name_profile, boxes.email_profile]) if boxes else None
    if opened is None:
        raise AccountErased
    name, email = opened
    return CustomerProfile(name, email, customer)


async def of_staff(read: Read, tenant: str, member_id: UUID, kms: KeyManagement) -> tuple[str, str]:
    """Return name and e-mail address of a member of staff; raises CustomerUnknown."""
    member = await staff.find(read, tenant, member_id)
    opened = await kms.open(read, tenant, [member.name, member.email]) if member else None
    if opened is None:
        raise CustomerUnknown
    name, email = opened
    return name, email


async def name_and_email(
    read: Read, tenant: str, subject_id: UUID, roles: Collection[str], kms: KeyManagement
) -> tuple[str, str]:
    """Return name and e-mail address of somebody with these roles; raises CustomerUnknown or AccountErased."""
    if CUSTOMER_ROLE in roles:
        profile = await of_customer(read, tenant, subject_id, kms)
        return profile.name, profile.email
    return await of_staff(read, tenant, subject_id, kms)


async def choose(
    tx: Tx, attempt: signing_in.Attempt, customer_id: UUID, code: str | None, kms: KeyManagement, *, keep_data: bool
) -> ChoiceStatus | Exception:
    """Keep the data of a customer who has proved who they are for later purchases, or delete it after the order (M26).

    Choosing to keep withdraws a request for deletion that has not been carried out; choosing deletion carries it out
    at once where all orders are closed already. Returns the refusal where it is not proved; raises CustomerUnknown and
    AccountErased.
    """
    tenant, before = attempt.tenant, await _lock(tx, attempt.tenant, customer_id)
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    await customers.choose(tx, tenant, customer_id, keep_data=keep_data)
    if keep_data != before.keep_data:
        tx.publish(PrivacyChosen(tenant=tenant, customer=customer_id, keep_data=keep_data, chosen_at=tx.now))
    return await _carry_out(tx, tenant, customer_id)


async def ask_deletion(
    tx: Tx, attempt: signing_in.Attempt, customer_id: UUID, code: str | None, kms: KeyManagement
) -> ChoiceStatus | Exception:
    """Delete a customer who has proved who they are as soon as all orders are closed, at once where there are none.

    Returns the refusal where it is not proved; raises CustomerUnknown and AccountErased.
    """
    await _lock(tx, attempt.tenant, customer_id)
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    await customers.ask_deletion(tx, attempt.tenant, customer_id)
    return await _carry_out(tx, attempt.tenant, customer_id)


async def change_password(
    tx: Tx, attempt: signing_in.Attempt, subject_id: UUID, new_hash: str | None, kms: KeyManagement
) -> PasswordRefused | None:
    """Replace the password and end all sessions; without a new hash the current one was wrong, which is recorded."""
    tenant, login = attempt.tenant, attempt.login
    if (
        new_hash is None
        or login is None
        or login.subject_id != subject_id
        or not await logins.set_password(tx, tenant, subject_id, login.password_hash, new_hash)
    ):
        await signing_in.fail(tx, attempt)
        return PasswordRefused()
    await signing_in.forgive(tx, attempt)
    await signing_in.password_changed(tx, tenant, subject_id, kms, attempt.device)
    await known_networks.put(tx, tenant, subject_id, attempt.network)
    return None


async def _lock(tx: Tx, tenant: str, customer_id: UUID) -> customers.Customer:
    found = await customers.lock(tx, [(tenant, customer_id)])
    if not found:
        raise CustomerUnknown
    if found[0].erased_at is not None:
        raise AccountErased
    return found[0]


async def _carry_out(tx: Tx, tenant: str, customer_id: UUID) -> ChoiceStatus:
    await erasing.conclude(tx, {(tenant, customer_id): None})
    customer = await customers.find(tx, tenant, customer_id)
    if customer is None:
        raise CustomerUnknown
    return ChoiceStatus(customer.keep_data, customer.deletion_asked_at, customer.erased_at)
