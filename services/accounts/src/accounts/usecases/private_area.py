"""What people see and decide in their private area (M25, M26)."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import PrivacyChosen

from accounts.domain.people import AccountErased, CustomerUnknown, PasswordRefused
from accounts.store import customers, logins, staff
from accounts.usecases import erasing, signing_in
from accounts.usecases.vault import Vault


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a customer, readable."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    customer: customers.Customer


@dataclass(frozen=True, slots=True)
class Choice:
    """What a customer has chosen and what has become of it."""

    keep_data: bool
    deletion_asked_at: datetime | None
    erased_at: datetime | None


async def profile(tx: Tx, tenant: str, customer: UUID, vault: Vault) -> Profile:
    """What is known of a customer, opened with their own key; raises CustomerUnknown or AccountErased."""
    known = await customers.find(tx, tenant, customer)
    if known is None:
        raise CustomerUnknown
    boxes = known.boxes
    opened = await vault.open(tx, tenant, [boxes.name_profile, boxes.email_profile]) if boxes else None
    if opened is None:
        raise AccountErased
    name, email = opened
    return Profile(name, email, known)


async def member(tx: Tx, tenant: str, subject: UUID, vault: Vault) -> tuple[str, str]:
    """Name and e-mail address of a member of staff; raises CustomerUnknown."""
    known = await staff.find(tx, tenant, subject)
    opened = await vault.open(tx, tenant, [known.name, known.email]) if known else None
    if opened is None:
        raise CustomerUnknown
    return opened[0], opened[1]


async def choose(tx: Tx, tenant: str, customer: UUID, *, keep_data: bool) -> Choice:
    """Keep data for later purchases, or have it deleted right after the order (M26).

    Choosing to keep withdraws a wish for deletion that has not been carried out; choosing deletion carries it out at
    once where all orders are closed already.
    """
    known = await _changeable(tx, tenant, customer)
    await customers.choose(tx, tenant, known.customer, keep_data=keep_data)
    if keep_data != known.keep_data:
        tx.publish(PrivacyChosen(tenant=tenant, customer=customer, keep_data=keep_data, chosen_at=tx.now))
    await erasing.conclude(tx, tenant, customer)
    return await _choice(tx, tenant, customer)


async def ask_deletion(tx: Tx, tenant: str, customer: UUID) -> Choice:
    """Delete as soon as all orders are closed, at once where there are none."""
    await _changeable(tx, tenant, customer)
    await customers.ask_deletion(tx, tenant, customer)
    await erasing.conclude(tx, tenant, customer)
    return await _choice(tx, tenant, customer)


async def change_password(
    tx: Tx, attempt: signing_in.Attempt, subject: UUID, new_hash: str | None
) -> PasswordRefused | None:
    """Replace the password and end all sessions; without a new hash the current one was wrong, which is recorded."""
    login = attempt.login
    if new_hash is None or login is None or login.subject != subject:
        await signing_in.fail(tx, attempt)
        return PasswordRefused()
    if not await logins.set_password(tx, attempt.tenant, subject, login.password_hash, new_hash):
        await signing_in.fail(tx, attempt)
        return PasswordRefused()
    await signing_in.forgive(tx, attempt)
    await signing_in.password_changed(tx, attempt.tenant, subject)
    return None


async def _changeable(tx: Tx, tenant: str, customer: UUID) -> customers.Customer:
    known = await customers.lock(tx, tenant, customer)
    if known is None:
        raise CustomerUnknown
    if known.erased_at is not None:
        raise AccountErased
    return known


async def _choice(tx: Tx, tenant: str, customer: UUID) -> Choice:
    known = await customers.find(tx, tenant, customer)
    if known is None:
        raise CustomerUnknown
    return Choice(known.keep_data, known.deletion_asked_at, known.erased_at)
