"""Invitations to organisations: made by owners, mailed to customers alone, accepted by whoever reads the address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import seal
from contracts.accounts import OrganisationInvitationRequested
from contracts.emails import EmailAddress

from accounts.domain.mailed_code import new_code, plain
from accounts.domain.organisation import (
    DAY,
    INVITATIONS_PER_DAY,
    INVITED_FOR,
    LETTERS_PER_DAY,
    MOST_INVITED,
    MOST_MEMBERS,
    MOST_MEMBERSHIPS,
    AlreadyMember,
    InvitationUnknown,
    OrganisationUnknown,
    Role,
    TooManyLetters,
    TooManyMembers,
    TooManyOrganisations,
    check_owner,
)
from accounts.domain.people import CUSTOMER_ROLE
from accounts.domain.purposes import CONTACT
from accounts.domain.tokens import hashed
from accounts.store import customers, logins, organisations, subject_keys, tenants
from accounts.store import organisation_invitations as store
from accounts.store.organisation_invitations import Invitation
from accounts.usecases import guests
from accounts.usecases import organisations as houses
from accounts.usecases.key_management import KeyManagement, email_hmac


class Wanted(NamedTuple):
    """Whom an owner invites, as what."""

    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody is invited to, and by whom; the name of who invites is None where they have gone."""

    organisation: UUID
    name: str = field(repr=False)
    role: Role
    invited_by: str | None = field(repr=False)
    invitation: Invitation


@dataclass(frozen=True, slots=True)
class Shown:
    """An invitation as owners see it."""

    invitation: Invitation
    email: str = field(repr=False)


async def invite(
    tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID, wanted: Wanted, kms: KeyManagement
) -> UUID:
    """Let an owner invite whoever reads letters to an address; an earlier invitation to it counts no more.

    A customer with this address is mailed a code; who is none is mailed one with which they open an account as well.
    Which of both nobody learns. Raises OrganisationUnknown, NotAnOwner, AlreadyMember, TooManyMembers, TooManyLetters
    and EmailMalformed.
    """
    roles = await organisations.lock(tx, tenant, organisation_id)
    check_owner(roles, customer_id)
    index = await kms.blind_index(tx, tenant)
    hashed_email, mailbox = email_hmac(index, wanted.email), index.mailbox(EmailAddress.read(wanted.email).mailbox)
    login = await logins.confirmed_by_email(tx, tenant, hashed_email)
    if login is not None and login.subject_id in roles:
        raise AlreadyMember
    await store.end_of_address(tx, tenant, organisation_id, hashed_email)
    invited = await store.of_organisation(tx, tenant, organisation_id)
    if len(invited) >= MOST_INVITED or len(roles) >= MOST_MEMBERS:
        raise TooManyMembers
    if await store.by_inviter(tx, tenant, customer_id, tx.now - DAY) >= INVITATIONS_PER_DAY:
        raise TooManyLetters
    if await store.lately(tx, tenant, mailbox, hashed_email, tx.now - DAY) >= LETTERS_PER_DAY:
        raise TooManyLetters
    key = await houses.key_of(tx, tenant, organisation_id)
    email = seal(EmailAddress.read(wanted.email).written, key, "email")
    until = tx.now + INVITED_FOR
    made = await store.add(tx, tenant, organisation_id, hashed_email, email, wanted.role, customer_id, until, mailbox)
    if login is not None and CUSTOMER_ROLE in login.roles:
        await mail_waiting(tx, tenant, login.subject_id)
    elif login is None:
        await guests.mail(tx, tenant, customer_id, organisation_id, guests.Letter(made, email, wanted.role, until), kms)
    return made


async def mail_waiting(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Mail a customer who has confirmed their address the codes of invitations to it that were not mailed yet."""
    login = await logins.by_subject(tx, tenant, customer_id)
    customer, house = await customers.find(tx, tenant, customer_id), await tenants.find(tx, tenant)
    if login is None or customer is None or customer.boxes is None or house is None:
        return
    keys = await subject_keys.of_subject(tx, tenant, str(customer_id), (CONTACT,))
    for invitation in await store.unmailed(tx, tenant, login.email_hmac, LETTERS_PER_DAY):
        code = new_code()
        await store.mailed(tx, tenant, invitation.id, hashed(plain(code)))
        tx.publish(
            OrganisationInvitationRequested(
                tenant=tenant,
                customer=customer_id,
                invitation=invitation.id,
                shop=house.name,
                language=customer.language,
                expires_at=invitation.expires_at,
                name=customer.boxes.name_contact,
                email=customer.boxes.email_contact,
                code=seal(code, keys[CONTACT], "code"),
            )
        )


async def offered(read: Read, tenant: str, customer_id: UUID, code: str, kms: KeyManagement) -> Offered:
    """Return what a code invites its reader to; raises InvitationUnknown, for another address's code, too."""
    invitation = await _by_code(read, tenant, customer_id, code)
    (found,) = await houses.of_customer(read, tenant, invitation.invited_by, kms, invitation.organisation_id) or [None]
    inviter = await customers.find(read, tenant, invitation.invited_by)
    if found is None or inviter is None or inviter.boxes is None:
        raise InvitationUnknown
    names = await kms.open(read, tenant, [inviter.boxes.name_profile])
    return Offered(found.id, found.name, invitation.role, names[0] if names else None, invitation)


async def accept(tx: Tx, tenant: str, customer_id: UUID, code: str) -> UUID:
    """Let a customer be a member by the code that was mailed to them, once; returns the organisation's id.

    Raises InvitationUnknown, AlreadyMember, TooManyOrganisations, TooManyMembers, CustomerUnknown and AccountErased.
    """
    await houses.lock_customer(tx, tenant, customer_id)
    before = await _by_code(tx, tenant, customer_id, code)
    roles = await organisations.lock(tx, tenant, before.organisation_id)
    invitation = await _by_code(tx, tenant, customer_id, code)  # it may have been withdrawn before the lock was had
    if customer_id in roles:
        raise AlreadyMember
    if len(await organisations.of_customer(tx, tenant, customer_id)) >= MOST_MEMBERSHIPS:
        raise TooManyOrganisations
    if len(roles) >= MOST_MEMBERS:
        raise TooManyMembers
    await store.end(tx, tenant, invitation.organisation_id, invitation.id)
    await organisations.join(tx, tenant, invitation.organisation_id, customer_id, invitation.role)
    return invitation.organisation_id


async def withdraw(tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID, invitation_id: UUID) -> None:
    """Let an owner take an invitation back; raises OrganisationUnknown, NotAnOwner and InvitationUnknown."""
    check_owner(await organisations.lock(tx, tenant, organisation_id), customer_id)
    if not await store.end(tx, tenant, organisation_id, invitation_id):
        raise InvitationUnknown


async def open_of(
    read: Read, tenant: str, customer_id: UUID, organisation_id: UUID, kms: KeyManagement
) -> Sequence[Shown]:
    """Return an organisation's invitations that count to an owner; raises OrganisationUnknown and NotAnOwner."""
    check_owner(await organisations.roles(read, tenant, organisation_id), customer_id)
    found = await store.of_organisation(read, tenant, organisation_id)
    texts = await kms.open(read, tenant, [one.email for one in found])
    if texts is None:
        raise OrganisationUnknown
    return [Shown(one, email) for one, email in zip(found, texts, strict=True)]


async def _by_code(read: Read, tenant: str, customer_id: UUID, code: str) -> Invitation:
    login = await logins.by_subject(read, tenant, customer_id)
    found = None
    if login is not None and login.confirmed:
        found = await store.by_code(read, tenant, hashed(plain(code)), login.email_hmac)
    if found is None:
        raise InvitationUnknown
    return found
