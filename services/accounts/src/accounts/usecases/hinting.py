"""Whoever signs in once more need not write their e-mail address again."""

from uuid import UUID

from chassis.db import Read

from accounts.domain import sign_in_hint
from accounts.domain.authorization import Client
from accounts.domain.people import AccountErased, CustomerUnknown, TenantUnknown
from accounts.store import logins
from accounts.usecases import profiles
from accounts.usecases.key_management import KeyManagement


async def hint_of(read: Read, tenant: str, subject_id: UUID, kms: KeyManagement) -> str:
    """Return a hint of somebody who is signed in."""
    index = await kms.blind_index(read, tenant)
    return sign_in_hint.made(subject_id, read.now, index.sign_in_hint)


async def email_of(read: Read, client: Client, hint: str, kms: KeyManagement) -> str:
    """Return the e-mail address of whom a hint means, where they sign in at this client; else nothing."""
    if not hint:
        return ""
    try:
        index = await kms.blind_index(read, client.tenant)
        subject_id = sign_in_hint.read(hint, read.now, index.sign_in_hint)
        login = await logins.by_subject(read, client.tenant, subject_id) if subject_id is not None else None
        if login is None or not client.admits(login.roles):
            return ""
        return (await profiles.name_and_email(read, client.tenant, login.subject_id, login.roles, kms))[1]
    except (TenantUnknown, CustomerUnknown, AccountErased):
        return ""
