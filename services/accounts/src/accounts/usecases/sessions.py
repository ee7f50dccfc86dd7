"""Sessions: begun at sign-in, carried on by refresh tokens that are used once each, ended by signing out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import CustomerClaims
from contracts.shared import CustomerKeys

from accounts.domain.people import CUSTOMER_ROLE, RefreshRefused
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.domain.second_factor import ENROLLING, admitted
from accounts.domain.tokens import ACCESS_LIFETIME, SESSION_LIFETIME, hashed, new_refresh_token, tenant_of
from accounts.store import customers, logins, sessions, subject_keys
from accounts.usecases.signing import Signing


@dataclass(frozen=True, slots=True)
class Tokens:
    """What somebody who is signed in holds; `expires_in` counts the access token's seconds.

    `must_enrol` is true for staff who can do nothing but enrol the second factor that they lack.
    """

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str = field(repr=False)
    subject: UUID
    must_enrol: bool = False


async def begin(tx: Tx, tenant: str, login: logins.Login, methods: Sequence[str], signing: Signing) -> Tokens:
    """Begin a session of somebody who has signed in by these methods (RFC 8176)."""
    session = await sessions.begin(tx, tenant, login.subject, tx.now + SESSION_LIFETIME, methods)
    return await _tokens(tx, tenant, session, login, methods, signing)


async def refresh(tx: Tx, refresh_token: str, signing: Signing) -> Tokens | RefreshRefused:
    """Trade a refresh token for the next; one that was used before ends its session, for somebody has stolen it."""
    tenant, token_hash = tenant_of(refresh_token), hashed(refresh_token)
    found = await sessions.lock(tx, tenant, token_hash)
    if found is None or found.ended_at is not None or found.expires_at <= tx.now:
        return RefreshRefused()
    if found.used_at is not None:
        await sessions.end(tx, tenant, found.session, "a refresh token was used twice")
        return RefreshRefused()
    login = await logins.by_subject(tx, tenant, found.subject)
    if login is None:
        return RefreshRefused()
    await sessions.use(tx, tenant, found.session, token_hash, tx.now + SESSION_LIFETIME)
    return await _tokens(tx, tenant, found.session, login, found.methods, signing)


async def sign_out(tx: Tx, refresh_token: str) -> None:
    """End the session of this token, if there is one."""
    tenant = tenant_of(refresh_token)
    found = await sessions.lock(tx, tenant, hashed(refresh_token))
    if found is not None:
        await sessions.end(tx, tenant, found.session, "signed out")


async def _tokens(
    tx: Tx, tenant: str, session: UUID, login: logins.Login, methods: Sequence[str], signing: Signing
) -> Tokens:
    refresh_token = new_refresh_token(tenant)
    await sessions.add_token(tx, tenant, session, hashed(refresh_token))
    claims = {**await _claims(tx, tenant, login), "amr": list(methods)}
    roles = admitted(login.roles, methods, staff_need_two=signing.staff_need_two)
    access = await signing.issue(tx, str(login.subject), tenant, roles, claims, ACCESS_LIFETIME)
    return Tokens(access, int(ACCESS_LIFETIME.total_seconds()), refresh_token, login.subject, ENROLLING in roles)


async def _claims(tx: Tx, tenant: str, login: logins.Login) -> dict[str, Any]:
    """What a sale needs of a customer; staff need nothing."""
    if CUSTOMER_ROLE not in login.roles:
        return {}
    customer = await customers.find(tx, tenant, login.subject)
    keys = await subject_keys.of_subject(tx, tenant, str(login.subject), (PROFILE, CONTACT))
    if customer is None or customer.boxes is None:
        return {}
    claims = CustomerClaims(
        keys=CustomerKeys(profile=keys[PROFILE], contact=keys[CONTACT]),
        name_profile=customer.boxes.name_profile,
        email_profile=customer.boxes.email_profile,
        name_contact=customer.boxes.name_contact,
        email_contact=customer.boxes.email_contact,
        language=customer.language,
    )
    return claims.model_dump(mode="json")
