"""What administrators do with staff over HTTP: each act asks for their own password, and a code where they have one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

from accounts.domain.people import CUSTOMER_ROLE, MemberUnknown, NotFresh, OwnAccount, SignInRefused
from accounts.domain.second_factor import SecondFactorNeeded, SecondFactorRefused
from accounts.store import crew, logins
from accounts.store.logins import Login
from accounts.usecases import enrolling, inviting_staff, profiles, signing_in, staffing
from accounts.usecases.key_management import KeyManagement, email_hmac
from accounts.usecases.passwords import Passwords

Refusal = SignInRefused | SecondFactorNeeded | SecondFactorRefused | NotFresh
PURPOSE = "administration"
NAMES = "names"


@dataclass(frozen=True, slots=True)
class Known:
    """A member of staff, readable; nothing is readable where their key is destroyed."""

    member: crew.Member
    name: str | None = field(repr=False)
    email: str | None = field(repr=False)


async def everybody(tx: Tx, tenant: str, kms: KeyManagement) -> list[Known]:
    """Return who works for a tenant; that their names are read is recorded."""
    found = await crew.everybody(tx, tenant)
    tx.audit_reading("staff", [member.id for member in found], PURPOSE)
    known: list[Known] = []
    for member in found:
        opened = await kms.open(tx, tenant, [member.name, member.email])
        known.append(Known(member, *(opened or (None, None))))
    return known


async def names(tx: Tx, tenant: str, kms: KeyManagement) -> list[Known]:
    """Return what those are called who work for a tenant, for its audit log; that they are read is recorded once."""
    tx.audit_reading("staff", [tenant], NAMES)
    found = await crew.everybody(tx, tenant)
    opened = [await kms.open(tx, tenant, [member.name]) for member in found]
    return [Known(member, texts[0] if texts else None, None) for member, texts in zip(found, opened, strict=True)]


async def invite(
    tx: Tx,
    attempt: signing_in.Attempt,
    code: str | None,
    person: tuple[str, str],
    roles: Sequence[str],
    letter: inviting_staff.Letter,
    kms: KeyManagement,
) -> staffing.Added | Refusal | OwnAccount:
    """Let somebody (e-mail address and name) work here with these roles, and mail them an invitation.

    Repeated, it sets name and roles to these and invites anew. Nobody changes their own roles.
    Raises EmailTaken where the e-mail address is a customer's.
    """
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    email, name = person
    hashed_email = email_hmac(await kms.blind_index(tx, attempt.tenant), email)
    if hashed_email == proved.login.email_hmac:
        return OwnAccount()
    added = await staffing.add(tx, attempt.tenant, email, name, sorted(set(roles)), None, kms, Passwords())
    await inviting_staff.mail(tx, attempt.tenant, added.member, letter, kms)
    return added


async def invite_again(
    tx: Tx,
    attempt: signing_in.Attempt,
    code: str | None,
    member_id: UUID,
    letter: inviting_staff.Letter,
    kms: KeyManagement,
) -> datetime | Refusal | OwnAccount | MemberUnknown:
    """Mail another invitation to somebody who works here; returns until when it counts."""
    member = await _other(tx, attempt, code, member_id, kms)
    if isinstance(member, Exception):
        return member
    tx.audit("staff", member_id, before={}, after={"invited": True})
    return await inviting_staff.mail(tx, attempt.tenant, member_id, letter, kms)


async def dismiss(
    tx: Tx, attempt: signing_in.Attempt, code: str | None, member_id: UUID, kms: KeyManagement
) -> Refusal | OwnAccount | MemberUnknown | None:
    """Let somebody work here no more; nobody removes themselves, so that somebody is left who can invite."""
    member = await _other(tx, attempt, code, member_id, kms)
    if isinstance(member, Exception):
        return member
    await staffing.dismiss(tx, attempt.tenant, member, "removed by an administrator")
    return None


async def reset(
    tx: Tx, attempt: signing_in.Attempt, code: str | None, member_id: UUID, kms: KeyManagement
) -> bool | Refusal | OwnAccount | MemberUnknown:
    """Remove the second factor and the passkeys of somebody who has lost them; returns whether there were any."""
    member = await _other(tx, attempt, code, member_id, kms)
    if isinstance(member, Exception):
        return member
    _, email = await profiles.of_staff(tx, attempt.tenant, member.subject_id, kms)
    return await enrolling.reset(tx, attempt.tenant, email, kms)


async def _other(
    tx: Tx, attempt: signing_in.Attempt, code: str | None, member_id: UUID, kms: KeyManagement
) -> Login | Refusal | OwnAccount | MemberUnknown:
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    if member_id == proved.login.subject_id:
        return OwnAccount()
    login = await logins.by_subject(tx, attempt.tenant, member_id)
    return MemberUnknown() if login is None or CUSTOMER_ROLE in login.roles else login
