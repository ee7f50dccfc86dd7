"""Guests: who is invited to an organisation and has no account yet opens one by the code of the letter, and joins."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import seal
from contracts.event import Sealed
from contracts.invitations import GuestInvited

from accounts.domain.mailed_code import new_code, plain
from accounts.domain.organisation import InvitationUnknown, Role
from accounts.domain.tokens import hashed
from accounts.store import customers, logins, organisations, tenants
from accounts.store import organisation_invitations as store
from accounts.store.organisation_invitations import Invitation
from accounts.usecases import organisations as houses
from accounts.usecases.key_management import KeyManagement, email_hmac


@dataclass(frozen=True, slots=True)
class Letter:
    """An invitation to be mailed: to which address, as what, until when."""

    invitation: UUID
    email: Sealed = field(repr=False)
    role: Role
    until: datetime


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a guest is invited to, by whom, and at which address; `known` where that has an account already."""

    name: str = field(repr=False)
    role: Role
    invited_by: str = field(repr=False)
    email: str = field(repr=False)
    known: bool
    invitation: Invitation


async def mail(
    tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID, letter: Letter, kms: KeyManagement
) -> None:
    """Mail an address that nobody has an account with the code by which they open one and join, once.

    All of the letter is sealed to the organisation, and unreadable as soon as that has ended.
    """
    inviter, house = await customers.find(tx, tenant, customer_id), await tenants.find(tx, tenant)
    found = await organisations.of_customer(tx, tenant, customer_id, organisation_id)
    if inviter is None or inviter.boxes is None or house is None or not found:
        return
    names = await kms.open(tx, tenant, [inviter.boxes.name_profile])
    if names is None:
        return
    key, code = await houses.key_of(tx, tenant, organisation_id), new_code()
    await store.mailed(tx, tenant, letter.invitation, hashed(plain(code)))
    tx.publish(
        GuestInvited(
            tenant=tenant,
            invitation=letter.invitation,
            shop=house.name,
            language=inviter.language,
            role=letter.role,
            expires_at=letter.until,
            name=found[0].name,
            invited_by=seal(names[0], key, "name"),
            email=letter.email,
            code=seal(code, key, "code"),
        )
    )


async def welcome(read: Read, tenant: str, code: str, kms: KeyManagement) -> Welcome:
    """Return what the code of a letter invites its reader to; raises InvitationUnknown."""
    invitation = await store.of_code(read, tenant, hashed(plain(code)))
    if invitation is None:
        raise InvitationUnknown
    inviter = await customers.find(read, tenant, invitation.invited_by)
    house = await houses.of_customer(read, tenant, invitation.invited_by, kms, invitation.organisation_id)
    if not house or inviter is None or inviter.boxes is None:
        raise InvitationUnknown
    texts = await kms.open(read, tenant, [inviter.boxes.name_profile, invitation.email])
    if texts is None:
        raise InvitationUnknown
    by, email = texts
    index = await kms.blind_index(read, tenant)
    known = await logins.confirmed_by_email(read, tenant, email_hmac(index, email)) is not None
    return Welcome(house[0].name, invitation.role, by, email, known, invitation)
