"""Organisations: opened, renamed, ended, and what somebody becomes in one, or is no more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import seal
from contracts.event import Sealed, SubjectKey

from accounts.domain.organisation import (
    MOST_MEMBERSHIPS,
    OrganisationUnknown,
    Role,
    TooManyOrganisations,
    check_owner,
    check_owner_stays,
    role_of,
)
from accounts.domain.people import AccountErased, CustomerUnknown
from accounts.domain.purposes import ORGANISATION
from accounts.store import customers, organisation_invitations, organisations, subject_keys
from accounts.store.organisations import Member, Organisation
from accounts.usecases.key_management import KeyManagement


@dataclass(frozen=True, slots=True)
class Readable:
    """An organisation with its name in clear, and what the one who reads it is there."""

    id: UUID
    name: str = field(repr=False)
    vat_id: str | None = field(repr=False)
    role: Role


@dataclass(frozen=True, slots=True)
class Known:
    """A member with name and e-mail address."""

    member: Member
    name: str = field(repr=False)
    email: str = field(repr=False)


async def open_organisation(
    tx: Tx, tenant: str, customer_id: UUID, name: str, vat_id: str | None, kms: KeyManagement
) -> UUID:
    """Open an organisation whose owner is this customer, and return its id.

    Raises TooManyOrganisations, CustomerUnknown and AccountErased.
    """
    await lock_customer(tx, tenant, customer_id)
    if len(await organisations.of_customer(tx, tenant, customer_id)) >= MOST_MEMBERSHIPS:
        raise TooManyOrganisations
    organisation_id = tx.new_id()
    key = await kms.new_key(tx, tenant, ORGANISATION, str(organisation_id))
    await organisations.add(tx, tenant, organisation_id, *_sealed(name, vat_id, key))
    await organisations.join(tx, tenant, organisation_id, customer_id, Role.OWNER)
    return organisation_id


async def rename(tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID, name: str, vat_id: str | None) -> None:
    """Give an organisation another name and VAT id; raises OrganisationUnknown, NotAnOwner."""
    check_owner(await organisations.lock(tx, tenant, organisation_id), customer_id)
    key = await key_of(tx, tenant, organisation_id)
    await organisations.rename(tx, tenant, organisation_id, *_sealed(name, vat_id, key))


async def end(tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID) -> None:
    """End an organisation: nobody is a member any more; raises OrganisationUnknown, NotAnOwner."""
    check_owner(await organisations.lock(tx, tenant, organisation_id), customer_id)
    await _end(tx, tenant, organisation_id)


async def change_role(
    tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID, member_id: UUID, role: Role
) -> None:
    """Let an owner give a member, or themself, another role.

    Raises OrganisationUnknown, NotAnOwner, NotAMember and LastOwner.
    """
    roles = await organisations.lock(tx, tenant, organisation_id)
    check_owner(roles, customer_id)
    check_owner_stays(roles, member_id, role)
    await organisations.change(tx, tenant, organisation_id, member_id, role)
    if role is not Role.OWNER:
        await organisation_invitations.end_by(tx, tenant, organisation_id, member_id)


async def remove(tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID, member_id: UUID) -> None:
    """Let an owner remove a member, or a member leave.

    Raises OrganisationUnknown, NotAnOwner, NotAMember and LastOwner.
    """
    roles = await organisations.lock(tx, tenant, organisation_id)
    role_of(roles, customer_id)
    if member_id != customer_id:
        check_owner(roles, customer_id)
    check_owner_stays(roles, member_id, None)
    await _leave(tx, tenant, organisation_id, member_id)


async def forget(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Let an erased customer be a member of nothing; what loses its last owner ends."""
    for found in await organisations.of_customer(tx, tenant, customer_id):
        roles = await organisations.lock(tx, tenant, found.id)
        if Role.OWNER in {role for member, role in roles.items() if member != customer_id}:
            await _leave(tx, tenant, found.id, customer_id)
        else:
            await _end(tx, tenant, found.id)


async def of_customer(
    read: Read, tenant: str, customer_id: UUID, kms: KeyManagement, organisation_id: UUID | None = None
) -> list[Readable]:
    """Return the organisations of which a customer is, or that one of them alone."""
    found = await organisations.of_customer(read, tenant, customer_id, organisation_id)
    return [one for one in [await readable(read, tenant, each, kms) for each in found] if one is not None]


async def view(
    read: Read, tenant: str, customer_id: UUID, organisation_id: UUID, kms: KeyManagement
) -> tuple[Readable, list[Known]]:
    """Return an organisation and its members to one of them; raises OrganisationUnknown."""
    found = await of_customer(read, tenant, customer_id, kms, organisation_id)
    if not found:
        raise OrganisationUnknown
    members = await organisations.members(read, tenant, organisation_id)
    texts = await kms.open(read, tenant, [box for one in members for box in (one.name, one.email)])
    if texts is None:  # one of them is being erased at this moment
        raise AccountErased
    return found[0], [Known(one, *texts[2 * n : 2 * n + 2]) for n, one in enumerate(members)]


async def readable(read: Read, tenant: str, found: Organisation, kms: KeyManagement) -> Readable | None:
    """Return an organisation with its name opened, None where it has just ended."""
    boxes: Sequence[Sealed] = [found.name] if found.vat_id is None else [found.name, found.vat_id]
    texts = await kms.open(read, tenant, boxes)
    return None if texts is None else Readable(found.id, texts[0], texts[1] if texts[1:] else None, found.role)


async def lock_customer(tx: Tx, tenant: str, customer_id: UUID) -> customers.Customer:
    """Return a customer whom nobody erases before the transaction ends; raises CustomerUnknown and AccountErased."""
    found = await customers.lock(tx, [(tenant, customer_id)])
    if not found:
        raise CustomerUnknown
    if found[0].boxes is None:
        raise AccountErased
    return found[0]


async def key_of(read: Read, tenant: str, organisation_id: UUID) -> SubjectKey:
    """Return the public key of an organisation; raises OrganisationUnknown."""
    keys = await subject_keys.of_subject(read, tenant, str(organisation_id), (ORGANISATION,))
    if ORGANISATION not in keys:
        raise OrganisationUnknown
    return keys[ORGANISATION]


def _sealed(name: str, vat_id: str | None, key: SubjectKey) -> tuple[Sealed, Sealed | None]:
    return seal(name, key, "company"), None if vat_id is None else seal(vat_id, key, "vat_id")


async def _leave(tx: Tx, tenant: str, organisation_id: UUID, customer_id: UUID) -> None:
    await organisations.leave(tx, tenant, organisation_id, customer_id)
    await organisation_invitations.end_by(tx, tenant, organisation_id, customer_id)


async def _end(tx: Tx, tenant: str, organisation_id: UUID) -> None:
    await organisations.remove(tx, tenant, organisation_id)
    await subject_keys.destroy(tx, tenant, str(organisation_id), ORGANISATION)
