"""Invitations of staff, mailed to whoever is invited: nobody else sees the code, and an earlier one is void."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.db import Tx
from chassis.identity import seal
from contracts.accounts import StaffInvited

from accounts.domain.mailed_code import new_code, plain
from accounts.domain.people import TenantUnknown
from accounts.domain.purposes import CONTACT
from accounts.domain.tokens import INVITATION_LIFETIME, hashed
from accounts.store import invitations, staff, subject_keys, tenants
from accounts.usecases import profiles
from accounts.usecases.key_management import KeyManagement


class Letter(NamedTuple):
    """In which language an invitation is written, and where its code is entered, if there is such a page."""

    language: str
    page: str


async def mail(tx: Tx, tenant: str, member_id: UUID, letter: Letter, kms: KeyManagement) -> datetime:
    """Mail another invitation to a member of staff, and return until when it counts; those before count no more.

    Raises TenantUnknown, or CustomerUnknown where nobody can read who that is.
    """
    house = await tenants.find(tx, tenant)
    if house is None:
        raise TenantUnknown
    name, email = await profiles.of_staff(tx, tenant, member_id, kms)
    keys = await subject_keys.of_subject(tx, tenant, str(member_id), (CONTACT,))
    # what letters may open; the key of staff itself is given to no service
    key = keys.get(CONTACT) or await kms.new_key(tx, tenant, CONTACT, str(member_id))
    code, expires_at = new_code(), tx.now + INVITATION_LIFETIME
    await invitations.remove(tx, tenant, member_id)
    await invitations.add(tx, tenant, member_id, hashed(plain(code)), expires_at)
    await write_as(tx, tenant, member_id, letter)
    tx.publish(
        StaffInvited(
            tenant=tenant,
            member=member_id,
            invitation=tx.new_id(),
            shop=house.name,
            language=letter.language,
            page=letter.page,
            expires_at=expires_at,
            name=seal(name, key, "name"),
            email=seal(email, key, "email"),
            code=seal(code, key, "code"),
        )
    )
    return expires_at


async def write_as(tx: Tx, tenant: str, member_id: UUID, letter: Letter) -> None:
    """Write to a member of staff in this language from now on, and lead them there."""
    await staff.invited(tx, tenant, member_id, letter.language, letter.page)


async def void_key(tx: Tx, tenant: str, member_id: UUID) -> None:
    """Let nobody read the letters to somebody any more who works here no more."""
    await subject_keys.destroy(tx, tenant, str(member_id), CONTACT)
