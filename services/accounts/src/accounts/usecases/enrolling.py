"""Enrolling a second factor: begun with the password, confirmed by a first code, removed with both."""

from dataclasses import dataclass, field
from uuid import UUID

import structlog
from chassis.db import Tx
from contracts.security import Factor, RecoveryCodesRenewed, SecondFactorAdded, SecondFactorRemoved, SecondFactorsReset

from accounts.domain.people import SignInRefused
from accounts.domain.second_factor import (
    PASSWORD_AND_CODE,
    STEP_SECONDS,
    SecondFactorAbsent,
    SecondFactorNeeded,
    SecondFactorPresent,
    SecondFactorRefused,
    is_unfinished,
)
from accounts.store import factor_history, passkeys, tenants
from accounts.store import second_factors as store
from accounts.store import sessions as session_rows
from accounts.usecases import profiles, second_factors, sessions, signing_in, warning
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import TokenIssuer

log = structlog.get_logger(__name__)

Refusal = SignInRefused | SecondFactorNeeded | SecondFactorRefused | SecondFactorPresent | SecondFactorAbsent


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What one gets with a second factor that counts from now on: recovery codes, and a session that began with it."""

    recovery_codes: list[str] = field(repr=False)
    tokens: sessions.Tokens


async def begin(tx: Tx, attempt: signing_in.Attempt, kms: KeyManagement) -> second_factors.AppSecret | Refusal:
    """Begin to enrol, for which the password is asked once more: an access token alone must not lock anybody out."""
    tenant, login = attempt.tenant, attempt.login
    if login is not None and await store.enrolment(tx, tenant, login.subject_id) is not None:
        await signing_in.forgive(tx, attempt)
        return SecondFactorPresent()
    proved = await signing_in.authenticate(tx, attempt, None, kms)
    if isinstance(proved, Exception):
        return proved
    subject_id = proved.login.subject_id
    _, email = await profiles.name_and_email(tx, tenant, subject_id, proved.login.roles, kms)
    known = await tenants.find(tx, tenant)
    issuer = known.name if known else tenant
    begun = await second_factors.begin(tx, tenant, subject_id, email, issuer, kms)
    return begun or SecondFactorPresent()


async def confirm(
    tx: Tx, attempt: signing_in.Attempt, code: str, kms: KeyManagement, issuer: TokenIssuer, session_id: UUID
) -> Confirmation | Refusal:
    """Let a first code confirm the factor; all sessions that began without it end, and one begins with it.

    That one is for whom the session was in which this is done.
    """
    tenant, login = attempt.tenant, attempt.login
    factor = await store.lock(tx, tenant, login.subject_id, STEP_SECONDS) if login else None
    if login is None or factor is None or (factor.confirmed_at is None and not is_unfinished(factor.begun_at, tx.now)):
        await signing_in.forgive(tx, attempt)
        return SecondFactorAbsent()
    if factor.confirmed_at is not None:
        await signing_in.forgive(tx, attempt)
        return SecondFactorPresent()
    if not await second_factors.use(tx, tenant, login.subject_id, factor, code, kms):
        await signing_in.fail(tx, attempt, "code refused")
        return SecondFactorRefused()
    await signing_in.forgive(tx, attempt)
    await store.confirm(tx, tenant, login.subject_id)
    codes = await second_factors.renew_codes(tx, tenant, login.subject_id, kms)
    await _record(tx, tenant, login.subject_id, "a second factor was added")
    app = Factor.AUTHENTICATOR
    await warning.publish(tx, SecondFactorAdded, tenant, login.subject_id, kms, attempt.device, factor=app)
    scope = await session_rows.scope_of(tx, tenant, session_id)
    return Confirmation(codes, await sessions.begin(tx, tenant, login, PASSWORD_AND_CODE, issuer, scope))


async def renew_codes(tx: Tx, attempt: signing_in.Attempt, code: str | None, kms: KeyManagement) -> list[str] | Refusal:
    """Replace all recovery codes, for password and code."""
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    subject_id = proved.login.subject_id
    if await store.enrolment(tx, attempt.tenant, subject_id) is None:
        return SecondFactorAbsent()
    await factor_history.add(tx, attempt.tenant, subject_id, "recovery codes were renewed")
    await warning.publish(tx, RecoveryCodesRenewed, attempt.tenant, subject_id, kms, attempt.device)
    return await second_factors.renew_codes(tx, attempt.tenant, subject_id, kms)


async def remove(tx: Tx, attempt: signing_in.Attempt, code: str | None, kms: KeyManagement) -> Refusal | None:
    """Remove the factor, for password and code; all sessions end."""
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    tenant, subject_id = attempt.tenant, proved.login.subject_id
    if not await store.remove(tx, tenant, subject_id):
        return SecondFactorAbsent()
    await _record(tx, tenant, subject_id, "the second factor was removed")
    app = Factor.AUTHENTICATOR
    await warning.publish(tx, SecondFactorRemoved, tenant, subject_id, kms, attempt.device, factor=app)
    return None


async def reset(tx: Tx, tenant: str, email: str, kms: KeyManagement) -> bool:
    """Remove the factor and the passkeys of somebody who has lost them, and return whether there were any.

    Raises TenantUnknown, EmailMalformed, or CustomerUnknown where nobody signs in with this e-mail address.
    """
    subject_id = await sessions.subject_of(tx, tenant, email, kms)
    had_passkeys = await passkeys.remove_all(tx, tenant, subject_id)
    if not await store.remove(tx, tenant, subject_id) and not had_passkeys:
        return False
    tx.audit("second factor", subject_id, after={"reset": True})
    await _record(tx, tenant, subject_id, "the second factor was reset by an operator")
    await warning.publish(tx, SecondFactorsReset, tenant, subject_id, kms)
    return True


async def history(tx: Tx, tenant: str, email: str, kms: KeyManagement) -> list[str]:
    """Return what has become of somebody's second factor and passkeys, one line each; raises as `reset` does."""
    subject_id = await sessions.subject_of(tx, tenant, email, kms)
    tx.audit_reading("second factor", [subject_id], "history")
    events = await factor_history.of_subject(tx, tenant, subject_id)
    return [f"{occurred_at:%Y-%m-%d %H:%M:%S}  {event}" for occurred_at, event in events]


async def _record(tx: Tx, tenant: str, subject_id: UUID, event: str) -> None:
    await factor_history.add(tx, tenant, subject_id, event)
    await session_rows.end_all(tx, tenant, subject_id, event)
    log.info(event, tenant=tenant, subject=str(subject_id))
