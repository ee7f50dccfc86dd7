"""Staff: added by an operator, invited to choose a password, removed when they leave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.identity import seal
from contracts.emails import EmailAddress

from accounts.domain.device import Device
from accounts.domain.mailed_code import plain
from accounts.domain.people import CUSTOMER_ROLE, CustomerUnknown, EmailTaken, InvitationRefused
from accounts.domain.purposes import STAFF
from accounts.domain.tokens import INVITATION_LIFETIME, hashed, new_refresh_token, tenant_of
from accounts.store import attempts, invitations, logins, passkeys, sessions, staff, subject_keys
from accounts.usecases import inviting_staff, signing_in
from accounts.usecases.key_management import KeyManagement, email_hmac
from accounts.usecases.passwords import Passwords

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Added:
    """Whether somebody is new, how many passkeys go on to sign in, and an invitation where no password was given."""

    new: bool
    member: UUID
    passkeys: int
    invitation: str | None = field(repr=False)


async def add(
    tx: Tx,
    tenant: str,
    email: str,
    name: str,
    roles: Sequence[str],
    password: str | None,
    kms: KeyManagement,
    passwords: Passwords,
) -> Added:
    """Let somebody work for a tenant, or change what is known of them.

    Without a password they are invited to choose one; one that they have counts until they do.
    Raises TenantUnknown, EmailMalformed, and EmailTaken where the e-mail address is a customer's.
    """
    hashed_email = email_hmac(await kms.blind_index(tx, tenant), email)
    login = await logins.confirmed_by_email(tx, tenant, hashed_email)
    if login is None:
        member_id = tx.new_id()
        key = await kms.new_key(tx, tenant, STAFF, str(member_id))
        written = EmailAddress.read(email).written
        await staff.add(tx, tenant, member_id, seal(name, key, "name"), seal(written, key, "email"))
        new_hash = await passwords.hash(password) if password is not None else None
        if not await logins.add(tx, tenant, member_id, hashed_email, new_hash, roles):
            raise EmailTaken
    else:
        member_id = login.subject_id
        keys = await subject_keys.of_subject(tx, tenant, str(member_id), (STAFF,))
        if STAFF not in keys:
            raise EmailTaken
        await staff.rename(tx, tenant, member_id, seal(name, keys[STAFF], "name"))
        await logins.set_roles(tx, tenant, member_id, roles)
        if password is not None and not await passwords.matches(login.password_hash, password):
            new_hash = await passwords.hash(password)
            await logins.set_password(tx, tenant, member_id, login.password_hash, new_hash)
            await signing_in.password_changed(tx, tenant, member_id, kms)
    before = {"roles": sorted(login.roles)} if login is not None else {}
    tx.audit("staff", member_id, before=before, after={"roles": sorted(roles)})
    invitation = None
    if password is None:
        invitation = new_refresh_token(tenant)
        await invitations.remove(tx, tenant, member_id)
        await invitations.add(tx, tenant, member_id, hashed(invitation), tx.now + INVITATION_LIFETIME)
    return Added(login is None, member_id, len(await passkeys.of_subject(tx, tenant, member_id)), invitation)


async def accept(
    tx: Tx, invitation: str, password_hash: str, device: Device, kms: KeyManagement, tenant: str | None = None
) -> InvitationRefused | None:
    """Let one who was invited have the password they chose; the invitation is used up, and all sessions end.

    It names its tenant; a code that was mailed does not, and counts for the tenant that is named beside it.
    """
    named = tenant_of(invitation)
    house = named or tenant or ""
    if tenant is not None and house != tenant:
        return InvitationRefused()
    used = hashed(invitation if named else plain(invitation))
    member_id = await invitations.use(tx, house, used)
    login = await logins.by_subject(tx, house, member_id) if member_id else None
    if login is None or CUSTOMER_ROLE in login.roles:
        return InvitationRefused()
    tenant = house
    await logins.set_password(tx, tenant, login.subject_id, login.password_hash, password_hash)
    await signing_in.password_changed(tx, tenant, login.subject_id, kms, device)
    return None


async def remove(tx: Tx, tenant: str, email: str, kms: KeyManagement) -> None:
    """Let somebody work for a tenant no more: their login, factors, passkeys and sessions end.

    Their sealed name and e-mail address stay, for what they did bears their id.
    Raises TenantUnknown, EmailMalformed, or CustomerUnknown where no member of staff has this e-mail address.
    """
    hashed_email = email_hmac(await kms.blind_index(tx, tenant), email)
    login = await logins.confirmed_by_email(tx, tenant, hashed_email)
    if login is None or CUSTOMER_ROLE in login.roles:
        raise CustomerUnknown
    await dismiss(tx, tenant, login, "removed by an operator")


async def dismiss(tx: Tx, tenant: str, login: logins.Login, why: str) -> None:
    """End somebody's work for a tenant, for a reason that stays on record with their sessions."""
    await logins.remove(tx, tenant, login.subject_id)
    await attempts.remove_all(tx, tenant, login.email_hmac)
    await sessions.end_all(tx, tenant, login.subject_id, why)
    await staff.leave(tx, tenant, login.subject_id)
    await inviting_staff.void_key(tx, tenant, login.subject_id)
    tx.audit("staff", login.subject_id, before={"roles": sorted(login.roles)}, after={"roles": []})
    log.info("a member of staff was removed", tenant=tenant, subject=str(login.subject_id))
