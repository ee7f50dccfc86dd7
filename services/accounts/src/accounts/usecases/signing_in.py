"""Signing in: an attempt is begun and counted, then the password is compared, then both factors are judged."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.db import Tx

from accounts.domain import throttle
from accounts.domain.people import CUSTOMER_ROLE, EmailMalformed, SignInRefused, TenantUnknown, Throttled
from accounts.domain.second_factor import SecondFactorNeeded, SecondFactorRefused
from accounts.store import attempts, challenges, logins
from accounts.store import second_factors as factor_rows
from accounts.store import sessions as session_rows
from accounts.usecases import second_factors, sessions
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has begun; `attempt` is None where there is no tenant to count it for."""

    tenant: str
    attempt: UUID | None = None
    login: logins.Login | None = field(default=None, repr=False)

    @property
    def password_hash(self) -> str | None:
        """The hash to compare with, if there is an account."""
        return self.login.password_hash if self.login else None


class Proved(NamedTuple):
    """Somebody who has proved who they are, and by which methods (RFC 8176)."""

    login: logins.Login
    methods: tuple[str, ...]


async def begin(tx: Tx, tenant: str, email: str, address: str, vault: Vault) -> Attempt | Throttled:
    """Begin an attempt, which counts as failed until it has succeeded; a refusal is recorded and returned.

    What is no e-mail address, or names no tenant, is an attempt on an account that is not there.
    """
    try:
        index = await vault.index(tx, tenant)
        email_mark = index.email(email)
    except (TenantUnknown, EmailMalformed):
        return Attempt(tenant)
    return await _counted(tx, tenant, email_mark, index.address(address))


async def begin_known(tx: Tx, tenant: str, subject: UUID, address: str, vault: Vault) -> Attempt | Throttled:
    """Begin an attempt of somebody who is signed in to name their password once more."""
    login = await logins.by_subject(tx, tenant, subject)
    if login is None:
        return Attempt(tenant)
    index = await vault.index(tx, tenant)
    return await _counted(tx, tenant, login.email_mark, index.address(address))


async def judge(
    tx: Tx, attempt: Attempt, new_hash: str | None, code: str | None, vault: Vault, signing: Signing, *, right: bool
) -> sessions.Tokens | SignInRefused | SecondFactorNeeded | SecondFactorRefused:
    """Begin a session for whoever has proved who they are, else record a refusal."""
    staff = attempt.login is not None and CUSTOMER_ROLE not in attempt.login.roles
    beyond = signing.staff_need_two and staff
    proved = await prove(tx, attempt, code, vault, right=right, beyond=beyond)
    if isinstance(proved, Exception):
        return proved
    login, methods = proved
    if new_hash is not None:
        await logins.set_password(tx, attempt.tenant, login.subject, login.password_hash, new_hash)
    return await sessions.begin(tx, attempt.tenant, login, methods, signing)


async def prove(
    tx: Tx, attempt: Attempt, code: str | None, vault: Vault, *, right: bool, beyond: bool = False
) -> Proved | SignInRefused | SecondFactorNeeded | SecondFactorRefused:
    """Judge an attempt by its password, which must not have changed meanwhile, and by a code where one is needed.

    Whether a code is needed shows only to those who know the password; so a right password alone is no failure.
    With `beyond`, the password alone is not enough for one who has a passkey either.
    """
    tenant, login = attempt.tenant, attempt.login
    current = await logins.by_subject(tx, tenant, login.subject) if login else None
    if not right or login is None or current is None or current.password_hash != login.password_hash:
        await fail(tx, attempt)
        return SignInRefused()
    methods = await second_factors.check(tx, tenant, login.subject, code, vault, beyond=beyond)
    if isinstance(methods, SecondFactorRefused):
        await fail(tx, attempt)
        return methods
    await forgive(tx, attempt)
    return methods if isinstance(methods, SecondFactorNeeded) else Proved(current, methods)


async def fail(tx: Tx, attempt: Attempt) -> None:
    """Record that the attempt was refused."""
    if attempt.attempt is not None:
        await attempts.refuse(tx, attempt.tenant, attempt.attempt)


async def forgive(tx: Tx, attempt: Attempt) -> None:
    """Forget the attempt, for it has succeeded."""
    if attempt.attempt is not None:
        await attempts.remove(tx, attempt.tenant, attempt.attempt)


async def password_changed(tx: Tx, tenant: str, subject: UUID) -> None:
    """End all sessions, and what was begun with the old password; factors stay."""
    await session_rows.end_all(tx, tenant, subject, "the password was changed")
    await factor_rows.remove_unconfirmed(tx, tenant, subject)
    await challenges.forget(tx, tenant, subject)


async def forget_old_attempts(tx: Tx) -> bool:
    """Forget attempts after 30 days."""
    return await attempts.forget_old(tx, tx.now - throttle.KEPT)


async def _counted(tx: Tx, tenant: str, email_mark: bytes, address_mark: bytes) -> Attempt | Throttled:
    await attempts.turn(tx, tenant, email_mark)
    seconds = _wait(await attempts.failures(tx, tenant, email_mark, address_mark, tx.now - throttle.WINDOW), tx.now)
    if seconds:
        await attempts.add(tx, tenant, email_mark, address_mark, "throttled")
        return Throttled(seconds)
    attempt = await attempts.add(tx, tenant, email_mark, address_mark, "open")
    return Attempt(tenant, attempt, await logins.by_email(tx, tenant, email_mark))


def _wait(failed: attempts.Failures, now: datetime) -> int:
    account = throttle.wait(failed.of_account, failed.latest_of_account, throttle.FREE_PER_ACCOUNT, now)
    address = throttle.wait(failed.of_address, failed.latest_of_address, throttle.FREE_PER_ADDRESS, now)
    return math.ceil(max(account, address).total_seconds())
