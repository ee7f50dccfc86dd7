"""Sessions: begun at sign-in, carried on by refresh tokens that are used once each, ended by signing out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.db import Read, Tx
from contracts.accounts import CustomerClaims
from contracts.shared import CustomerKeys

from accounts.domain.people import CONFIRMING, CUSTOMER_ROLE, CustomerUnknown, RefreshRefused, SessionUnknown
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.domain.second_factor import ENROLLING, admitted_roles
from accounts.domain.tokens import ACCESS_LIFETIME, hashed, new_refresh_token, session_ends_at, tenant_of
from accounts.store import customers, logins, sessions, subject_keys
from accounts.usecases import acting
from accounts.usecases.key_management import KeyManagement, email_hmac
from accounts.usecases.tokens import TokenIssuer, audience

SHOWN = 100
EVERYWHERE = sessions.Scope()


@dataclass(frozen=True, slots=True)
class Tokens:
    """What somebody who is signed in holds; `expires_in` counts the access token's seconds.

    `must_enrol` is true for staff who can do nothing but enrol the second factor that they lack, `must_confirm` for
    customers who can do nothing but confirm their e-mail address.
    """

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str = field(repr=False)
    subject: UUID
    session: UUID
    must_enrol: bool = False
    must_confirm: bool = False


class By(NamedTuple):
    """How somebody has proved who they are (RFC 8176), and when last."""

    methods: tuple[str, ...]
    authenticated_at: datetime


async def begin(
    tx: Tx,
    tenant: str,
    login: logins.Login,
    methods: Sequence[str],
    issuer: TokenIssuer,
    scope: sessions.Scope = EVERYWHERE,
    *,
    authenticated_at: datetime | None = None,
) -> Tokens:
    """Begin a session of somebody who has signed in by these methods (RFC 8176), now unless it was before."""
    ends_at = session_ends_at(tx.now, tx.now, staff=_is_staff(login))
    by = By(tuple(methods), authenticated_at or tx.now)
    session_id = await sessions.add(tx, tenant, login.subject_id, ends_at, by.methods, scope, by.authenticated_at)
    return await _tokens(tx, tenant, session_id, login, by, issuer, scope)


async def refresh(tx: Tx, refresh_token: str, issuer: TokenIssuer) -> Tokens | RefreshRefused:
    """Trade a refresh token for the next; one that was used before ends its session, for somebody has stolen it."""
    tenant, token_hash = tenant_of(refresh_token), hashed(refresh_token)
    token = await sessions.lock(tx, tenant, token_hash)
    if token is None or token.ended_at is not None or token.expires_at <= tx.now:
        return RefreshRefused()
    if token.used_at is not None:
        await sessions.end(tx, tenant, token.session_id, "a refresh token was used twice")
        return RefreshRefused()
    login = await logins.by_subject(tx, tenant, token.subject_id)
    if login is None:
        return RefreshRefused()
    ends_at = session_ends_at(token.began_at, tx.now, staff=_is_staff(login))
    await sessions.use(tx, tenant, token.session_id, token_hash, ends_at)
    by = By(tuple(token.methods), token.authenticated_at)
    return await _tokens(tx, tenant, token.session_id, login, by, issuer, token.scope)


async def sign_out(tx: Tx, refresh_token: str) -> None:
    """End the session of this token, if there is one."""
    tenant = tenant_of(refresh_token)
    token = await sessions.lock(tx, tenant, hashed(refresh_token))
    if token is not None:
        await sessions.end(tx, tenant, token.session_id, "signed out")


async def end_one(tx: Tx, tenant: str, subject_id: UUID, session_id: UUID) -> None:
    """End one session of somebody who asks for it; raises SessionUnknown."""
    if not await sessions.end_one(tx, tenant, subject_id, session_id, "ended by its owner"):
        raise SessionUnknown


async def end_all(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """End all sessions of somebody who asks for it."""
    await sessions.end_all(tx, tenant, subject_id, "ended by its owner")


async def of_email(tx: Tx, tenant: str, email: str, kms: KeyManagement) -> list[sessions.Session]:
    """Return the newest sessions of the person with this e-mail address.

    Raises TenantUnknown, EmailMalformed, or CustomerUnknown where nobody signs in with it.
    """
    subject_id = await subject_of(tx, tenant, email, kms)
    tx.audit_reading("sessions", [subject_id], "sessions")
    return await sessions.open_of(tx, tenant, subject_id, None, SHOWN)


async def end_by_operator(tx: Tx, tenant: str, email: str, kms: KeyManagement) -> int:
    """End all sessions of the person with this e-mail address and return how many; raises as `of_email` does."""
    subject_id = await subject_of(tx, tenant, email, kms)
    ended = await sessions.end_all(tx, tenant, subject_id, "ended by an operator")
    tx.audit("sessions", subject_id, before={"open": ended}, after={"open": 0})
    return ended


async def subject_of(read: Read, tenant: str, email: str, kms: KeyManagement) -> UUID:
    """Return the id of the person with this e-mail address; raises as `of_email` does."""
    login = await logins.by_email(read, tenant, email_hmac(await kms.blind_index(read, tenant), email))
    if login is None:
        raise CustomerUnknown
    return login.subject_id


async def _tokens(
    tx: Tx,
    tenant: str,
    session_id: UUID,
    login: logins.Login,
    by: By,
    issuer: TokenIssuer,
    scope: sessions.Scope,
) -> Tokens:
    refresh_token = new_refresh_token(tenant)
    await sessions.add_token(tx, tenant, session_id, hashed(refresh_token))
    claims = {**await _claims(tx, tenant, login), "amr": list(by.methods), "sid": str(session_id)}
    claims["auth_time"] = int(by.authenticated_at.timestamp())
    if CUSTOMER_ROLE in login.roles and login.confirmed:
        claims |= await acting.claims(tx, tenant, session_id, KeyManagement(issuer.master))
    if scope.client_id is not None:
        claims["client_id"] = scope.client_id
    needed = issuer.staff_need_second_factor
    roles = admitted_roles(login.roles, by.methods, confirmed=login.confirmed, staff_need_second_factor=needed)
    services = audience(scope.client_id, scope.audience)
    access_token = await issuer.issue(tx, str(login.subject_id), tenant, roles, claims, services)
    expires_in = int(ACCESS_LIFETIME.total_seconds())
    must = {"must_enrol": ENROLLING in roles, "must_confirm": CONFIRMING in roles}
    return Tokens(access_token, expires_in, refresh_token, login.subject_id, session_id, **must)


def _is_staff(login: logins.Login) -> bool:
    return CUSTOMER_ROLE not in login.roles


async def _claims(read: Read, tenant: str, login: logins.Login) -> dict[str, Any]:
    """Return what a sale needs of a customer; staff need nothing, and who must confirm an address cannot order."""
    if _is_staff(login) or not login.confirmed:
        return {}
    customer = await customers.find(read, tenant, login.subject_id)
    keys = await subject_keys.of_subject(read, tenant, str(login.subject_id), (PROFILE, CONTACT))
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
