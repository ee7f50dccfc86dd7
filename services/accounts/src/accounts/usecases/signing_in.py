"""Signing in: an attempt is begun and counted, then the password is compared, then both factors are judged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from chassis.db import Read, Tx
from contracts.emails import EmailMalformed
from contracts.passwords import PasswordChanged

from accounts.domain import throttle
from accounts.domain.device import Device
from accounts.domain.people import CUSTOMER_ROLE, NotFresh, RefreshRefused, SignInRefused, TenantUnknown, Throttled
from accounts.domain.second_factor import SEVERAL_FACTORS, STEP_SECONDS, SecondFactorNeeded, SecondFactorRefused
from accounts.store import (
    attempts,
    challenges,
    codes,
    customers,
    email_changes,
    invitations,
    known_networks,
    logins,
    second_steps,
    tenants,
)
from accounts.store import second_factors as factor_rows
from accounts.store import sessions as session_rows
from accounts.usecases import recognising, second_factors, sessions
from accounts.usecases.key_management import KeyManagement, email_hmac
from accounts.usecases.tokens import TokenIssuer

# With so many passwords it is compared where several have registered with an address and nobody has confirmed it: all
# of them have one salt, so that this is the work of one.
MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to prove who one is; `id` is None where there is no tenant to count it for.

    `others` have registered with the same address, which nobody has confirmed: the password decides among all.
    `password_right` says that the password has been compared and is right. Where `passkey_counts`, the password alone
    is not enough for one who has a passkey. `network` is the blind index of where the attempt comes from. Who has
    proved `just_now` who they are, by these methods, is not asked for the password again.
    `device` is what they are using.
    """

    tenant: str
    id: UUID | None = None
    network: bytes = b""
    login: logins.Login | None = field(default=None, repr=False)
    others: tuple[logins.Login, ...] = field(default=(), repr=False)
    password_right: bool = False
    passkey_counts: bool = False
    just_now: tuple[str, ...] = ()
    device: Device = field(default_factory=Device)

    @property
    def password_hash(self) -> str | None:
        """The hash to compare with, if there is an account."""
        return self.login.password_hash if self.login else None


class Authentication(NamedTuple):
    """Who somebody has proved to be, and by which methods (RFC 8176)."""

    login: logins.Login
    methods: tuple[str, ...]


async def begin(tx: Tx, tenant: str, email: str, network: str, kms: KeyManagement) -> Attempt | Throttled:
    """Begin an attempt, which counts as failed until it has succeeded; a refusal is recorded and returned.

    What is no e-mail address, or names no tenant, is an attempt on an account that does not exist.
    """
    try:
        index = await kms.blind_index(tx, tenant)
        hashed_email = email_hmac(index, email)
    except (TenantUnknown, EmailMalformed):
        return Attempt(tenant)
    hashed_network = index.network(network)
    found = await logins.candidates(tx, tenant, hashed_email, hashed_network, MOST_CANDIDATES)
    return await _begin(tx, tenant, hashed_email, hashed_network, found)


async def reauthenticate(
    tx: Tx, tenant: str, subject_id: UUID, network: str, kms: KeyManagement
) -> Attempt | Throttled:
    """Begin an attempt of somebody who is signed in to prove once more who they are; like `begin` otherwise."""
    login = await logins.by_subject(tx, tenant, subject_id)
    if login is None:
        return Attempt(tenant)
    index = await kms.blind_index(tx, tenant)
    return await _begin(tx, tenant, login.email_hmac, index.network(network), [login])


async def trust(
    read: Read, tenant: str, subject_id: UUID, session_id: UUID, methods: Sequence[str]
) -> Attempt | NotFresh:
    """Return an attempt of somebody who has signed in just now by these methods, if that session goes on."""
    login = await logins.by_subject(read, tenant, subject_id)
    if login is None or not await session_rows.is_open(read, tenant, subject_id, session_id):
        return NotFresh()
    return Attempt(tenant, login=login, just_now=tuple(methods))


async def prove_again(
    tx: Tx, attempt: Attempt, session_id: UUID, code: str | None, kms: KeyManagement
) -> Exception | None:
    """Let the next tokens of a session show that its owner has just proved who they are; returns the refusal."""
    proved = await authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    subject_id = proved.login.subject_id
    if not await session_rows.authenticated(tx, attempt.tenant, subject_id, session_id, proved.methods):
        return RefreshRefused()
    return None


async def sign_in(
    tx: Tx,
    attempt: Attempt,
    code: str | None,
    new_hash: str | None,
    kms: KeyManagement,
    issuer: TokenIssuer,
    services: Sequence[str] | None = None,
) -> sessions.Tokens | SignInRefused | SecondFactorNeeded | SecondFactorRefused:
    """Begin a session for whoever has proved who they are, at these services or all, else record a refusal."""
    proved = await prove(tx, attempt, code, new_hash, kms, issuer)
    if isinstance(proved, Exception):
        return proved
    await recognising.see(tx, attempt.tenant, proved.login.subject_id, attempt.device, kms)
    return await sessions.begin(
        tx, attempt.tenant, proved.login, proved.methods, issuer, session_rows.Scope(None, services, attempt.device)
    )


async def prove(
    tx: Tx, attempt: Attempt, code: str | None, new_hash: str | None, kms: KeyManagement, issuer: TokenIssuer
) -> Authentication | SignInRefused | SecondFactorNeeded | SecondFactorRefused:
    """Judge an attempt to sign in; for whoever has proved who they are, keep the network and a better hash."""
    is_staff = attempt.login is not None and CUSTOMER_ROLE not in attempt.login.roles
    attempt = replace(attempt, passkey_counts=issuer.staff_need_second_factor and is_staff)
    proved = await authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    login, methods = proved
    if new_hash is not None:
        await logins.set_password(tx, attempt.tenant, login.subject_id, login.password_hash, new_hash)
    await known_networks.put(tx, attempt.tenant, login.subject_id, attempt.network)
    return Authentication(login, methods)


async def authenticate(
    tx: Tx, attempt: Attempt, code: str | None, kms: KeyManagement
) -> Authentication | SignInRefused | SecondFactorNeeded | SecondFactorRefused:
    """Judge an attempt by its password, which must not have changed meanwhile, and by a code where one is needed.

    Whether a code is needed shows only to those who know the password; so a right password alone is no failure.
    Raises Throttled where others who began at the same time have sent too many wrong codes; the attempt counts then.
    """
    tenant, login = attempt.tenant, attempt.login
    current = await logins.by_subject(tx, tenant, login.subject_id) if login else None
    if attempt.just_now and current is not None:
        return await _trusted(tx, attempt, current, kms)
    if not attempt.password_right or login is None or current is None or current.password_hash != login.password_hash:
        await fail(tx, attempt)
        return SignInRefused()
    counts = attempt.passkey_counts
    if code is not None and (seconds := await _wait_for_codes(tx, attempt, current)):
        raise Throttled(seconds)
    methods = await second_factors.check(tx, tenant, login.subject_id, code, kms, attempt.device, passkey_counts=counts)
    if isinstance(methods, SecondFactorRefused):
        await fail(tx, attempt, "code refused")
        return methods
    await forgive(tx, attempt)
    return methods if isinstance(methods, SecondFactorNeeded) else Authentication(current, methods)


async def fail(tx: Tx, attempt: Attempt, outcome: str = "refused") -> None:
    """Record that the attempt was refused."""
    if attempt.id is not None:
        await attempts.refuse(tx, attempt.tenant, attempt.id, outcome)


async def forgive(tx: Tx, attempt: Attempt) -> None:
    """Remove the attempt, for it is no failure."""
    if attempt.id is not None:
        await attempts.remove(tx, attempt.tenant, attempt.id)


async def password_changed(
    tx: Tx, tenant: str, subject_id: UUID, kms: KeyManagement, device: Device | None = None
) -> None:
    """End all sessions and what was begun without the new password, forget from where the old one was used.

    Factors stay, and the device with which it was changed is known, no other one. A customer is written to, for it may
    have been a thief; the letter names the device.
    """
    await recognising.know_only(tx, tenant, subject_id, device or Device(), kms)
    await known_networks.remove(tx, tenant, subject_id)
    await invitations.remove(tx, tenant, subject_id)
    await email_changes.remove(tx, tenant, subject_id)
    await session_rows.end_all(tx, tenant, subject_id, "the password was changed")
    await codes.remove(tx, tenant, subject_id)
    await factor_rows.remove_unconfirmed(tx, tenant, subject_id)
    await challenges.remove(tx, tenant, subject_id)
    await second_steps.remove(tx, tenant, subject_id)
    await _announce(tx, tenant, subject_id, device or Device())


async def remove_old_attempts(tx: Tx) -> bool:
    """Remove attempts after 30 days, and return whether there may be more."""
    return await attempts.remove_old(tx, tx.now - throttle.ATTEMPTS_KEPT)


async def remove_old_networks(tx: Tx) -> bool:
    """Remove networks from which nobody has signed in for 90 days, and return whether there may be more."""
    return await known_networks.remove_old(tx, tx.now - throttle.NETWORKS_KEPT)


async def _announce(tx: Tx, tenant: str, subject_id: UUID, device: Device) -> None:
    """Publish that a customer has another password; staff is not written to."""
    customer, house = await customers.find(tx, tenant, subject_id), await tenants.find(tx, tenant)
    if customer is None or customer.boxes is None or house is None:
        return
    tx.publish(
        PasswordChanged(
            tenant=tenant,
            customer=customer.id,
            changed_at=tx.now,
            shop=house.name,
            language=customer.language,
            name=customer.boxes.name_contact,
            email=customer.boxes.email_contact,
            browser=device.browser,
            system=device.system,
        )
    )


async def _trusted(tx: Tx, attempt: Attempt, login: logins.Login, kms: KeyManagement) -> Authentication | NotFresh:
    """Judge an attempt of somebody who has just signed in: with all factors that they have."""
    counts = attempt.passkey_counts
    needed = await second_factors.check(
        tx, attempt.tenant, login.subject_id, None, kms, attempt.device, passkey_counts=counts
    )
    if isinstance(needed, Exception) and SEVERAL_FACTORS not in attempt.just_now:
        return NotFresh()
    return Authentication(login, attempt.just_now)


async def _wait_for_codes(tx: Tx, attempt: Attempt, login: logins.Login) -> int:
    """Return for how many seconds no code is judged, asked when the factor is locked, so that many at once are counted.

    From a network that is known codes are limited as passwords are.
    """
    if attempt.id is None or await factor_rows.lock(tx, attempt.tenant, login.subject_id, STEP_SECONDS) is None:
        return 0
    since = tx.now - throttle.WINDOW
    standing = await attempts.standing(tx, attempt.tenant, login.email_hmac, attempt.network, since)
    left = throttle.pause(standing.codes, throttle.FREE, tx.now)
    return 0 if standing.known else math.ceil(left.total_seconds())


async def _begin(
    tx: Tx, tenant: str, email_hmac: bytes, network_hmac: bytes, found: Sequence[logins.Login]
) -> Attempt | Throttled:
    await attempts.lock_account(tx, tenant, email_hmac)
    standing = await attempts.standing(tx, tenant, email_hmac, network_hmac, tx.now - throttle.WINDOW)
    seconds = math.ceil(throttle.wait(standing, tx.now).total_seconds())
    if seconds:
        await attempts.add(tx, tenant, email_hmac, network_hmac, "throttled")
        return Throttled(seconds)
    attempt_id = await attempts.add(tx, tenant, email_hmac, network_hmac, "open")
    first, *others = [*found] or [None]
    return Attempt(tenant, attempt_id, network_hmac, first, tuple(one for one in others if one is not None))
