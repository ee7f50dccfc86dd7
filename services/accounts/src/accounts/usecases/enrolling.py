"""A second factor comes and goes: begun with the password, confirmed by a first code, removed with both."""

from dataclasses import dataclass, field
from uuid import UUID

import structlog
from chassis.db import Tx

from accounts.domain.people import CUSTOMER_ROLE, CustomerUnknown, SignInRefused
from accounts.domain.second_factor import (
    PASSWORD_AND_CODE,
    STEP_SECONDS,
    SecondFactorAbsent,
    SecondFactorNeeded,
    SecondFactorPresent,
    SecondFactorRefused,
    unfinished,
)
from accounts.store import factor_history, logins, passkeys, sessions, tenants
from accounts.store import second_factors as store
from accounts.usecases import private_area, second_factors, signing_in
from accounts.usecases import sessions as session_stories
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault

log = structlog.get_logger(__name__)

Refusal = SignInRefused | SecondFactorNeeded | SecondFactorRefused | SecondFactorPresent | SecondFactorAbsent


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A second factor that counts from now on: its recovery codes, and a session that began with it."""

    recovery_codes: list[str] = field(repr=False)
    tokens: session_stories.Tokens


async def begin(
    tx: Tx, attempt: signing_in.Attempt, vault: Vault, *, right: bool, beyond: bool
) -> second_factors.Device | Refusal:
    """Begin to enrol, for which the password is asked once more: an access token alone must not lock anybody out."""
    tenant, login = attempt.tenant, attempt.login
    if login is not None and await store.see(tx, tenant, login.subject) is not None:
        await signing_in.forgive(tx, attempt)
        return SecondFactorPresent()
    proved = await signing_in.prove(tx, attempt, None, vault, right=right, beyond=beyond)
    if isinstance(proved, Exception):
        return proved
    _, account = await person_of(tx, tenant, proved.login, vault)
    known = await tenants.find(tx, tenant)
    issuer = known.tenant.name if known else tenant
    begun = await second_factors.begin(tx, tenant, proved.login.subject, account, issuer, vault)
    return begun or SecondFactorPresent()


async def confirm(
    tx: Tx, attempt: signing_in.Attempt, code: str, vault: Vault, signing: Signing
) -> Confirmed | Refusal:
    """Let a first code confirm the factor; all sessions that began without it end, and one begins with it."""
    tenant, login = attempt.tenant, attempt.login
    factor = await store.lock(tx, tenant, login.subject, STEP_SECONDS) if login else None
    if login is None or factor is None or (factor.confirmed_at is None and not unfinished(factor.begun_at, tx.now)):
        await signing_in.forgive(tx, attempt)
        return SecondFactorAbsent()
    if factor.confirmed_at is not None:
        await signing_in.forgive(tx, attempt)
        return SecondFactorPresent()
    if not await second_factors.use(tx, tenant, login.subject, factor, code, vault):
        await signing_in.fail(tx, attempt)
        return SecondFactorRefused()
    await signing_in.forgive(tx, attempt)
    await store.confirm(tx, tenant, login.subject)
    codes = await second_factors.renew_codes(tx, tenant, login.subject, vault)
    await _record(tx, tenant, login.subject, "a second factor was added")
    return Confirmed(codes, await session_stories.begin(tx, tenant, login, PASSWORD_AND_CODE, signing))


async def renew_codes(
    tx: Tx, attempt: signing_in.Attempt, code: str, vault: Vault, *, right: bool
) -> list[str] | Refusal:
    """Replace all recovery codes, for password and code."""
    proved = await signing_in.prove(tx, attempt, code, vault, right=right)
    if isinstance(proved, Exception):
        return proved
    subject = proved.login.subject
    if proved.methods != PASSWORD_AND_CODE:
        return SecondFactorAbsent()
    await factor_history.add(tx, attempt.tenant, subject, "recovery codes were renewed")
    return await second_factors.renew_codes(tx, attempt.tenant, subject, vault)


async def remove(tx: Tx, attempt: signing_in.Attempt, code: str, vault: Vault, *, right: bool) -> Refusal | None:
    """Remove the factor, for password and code; all sessions end."""
    proved = await signing_in.prove(tx, attempt, code, vault, right=right)
    if isinstance(proved, Exception):
        return proved
    if not await store.remove(tx, attempt.tenant, proved.login.subject):
        return SecondFactorAbsent()
    await _record(tx, attempt.tenant, proved.login.subject, "the second factor was removed")
    return None


async def reset(tx: Tx, tenant: str, email: str, vault: Vault) -> bool:
    """Remove the factor and the passkeys of somebody who has lost them, on an operator's word; whether there were any.

    Raises TenantUnknown, EmailMalformed, or CustomerUnknown where nobody signs in with this e-mail address.
    """
    subject = await _found(tx, tenant, email, vault)
    had_passkeys = await passkeys.remove_all(tx, tenant, subject)
    if not await store.remove(tx, tenant, subject) and not had_passkeys:
        return False
    await _record(tx, tenant, subject, "the second factor was reset by an operator")
    return True


async def history(tx: Tx, tenant: str, email: str, vault: Vault) -> list[str]:
    """What has become of somebody's ways to sign in, one line each; raises as `reset` does."""
    entries = await factor_history.read(tx, tenant, await _found(tx, tenant, email, vault))
    return [f"{at:%Y-%m-%d %H:%M:%S}  {what}" for at, what in entries]


async def person_of(tx: Tx, tenant: str, login: logins.Login, vault: Vault) -> tuple[str, str]:
    """Name and e-mail address of somebody who signs in."""
    if CUSTOMER_ROLE in login.roles:
        known = await private_area.profile(tx, tenant, login.subject, vault)
        return known.name, known.email
    return await private_area.member(tx, tenant, login.subject, vault)


async def _found(tx: Tx, tenant: str, email: str, vault: Vault) -> UUID:
    login = await logins.by_email(tx, tenant, (await vault.index(tx, tenant)).email(email))
    if login is None:
        raise CustomerUnknown
    return login.subject


async def _record(tx: Tx, tenant: str, subject: UUID, what: str) -> None:
    await factor_history.add(tx, tenant, subject, what)
    await sessions.end_all(tx, tenant, subject, what)
    log.info(what, tenant=tenant, subject=str(subject))
