"""Signing in for a client: whoever proves who they are is given a code, which the client trades for a session."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from chassis.db import Read, Tx
from contracts.storefront import ShopClosed, ShopOpened

from accounts.domain.authorization import (
    BACK,
    HOST,
    Asked,
    Brand,
    Client,
    ClientUnknown,
    GrantRefused,
    NotACustomer,
    NotStaff,
    Workcenter,
    answers,
    name_of,
    new_code,
)
from accounts.domain.device import Device
from accounts.domain.passkey import PasskeyRefused
from accounts.domain.people import RefreshRefused, SignInRefused
from accounts.domain.second_factor import SecondFactorNeeded, SecondFactorRefused
from accounts.domain.tokens import hashed, tenant_of
from accounts.store import clients, codes, known_networks, logins
from accounts.store import sessions as session_rows
from accounts.usecases import passkeys, recognising, sessions, signing_in
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.tokens import TokenIssuer

log = structlog.get_logger(__name__)
security = structlog.get_logger("security")


class Asker(NamedTuple):
    """Who brings a code: the client, and where it was led back."""

    client_id: str
    redirect_uri: str


async def copy_client(tx: Tx, shop: ShopOpened) -> None:
    """Know a shop as it is open now, whatever comes late."""
    hosts = tuple(host for host in shop.hosts if HOST.fullmatch(host))
    of = shop.brand
    brand = Brand(of.name, of.color, of.tagline, of.imprint, of.contact, of.texts or ())
    await clients.put(tx, Client(shop.shop, shop.tenant, hosts, brand), tx.sequence)


async def close_client(tx: Tx, shop: ShopClosed) -> None:
    """Let nobody sign in for a shop that is closed."""
    await clients.close(tx, shop.tenant, shop.shop, tx.sequence)


async def client_of(read: Read, client_id: str, workcenter: Workcenter) -> Client:
    """Return an open shop, or the Work Center of a tenant; raises ClientUnknown."""
    client = await _client(read, client_id, workcenter)
    if client is None:
        raise ClientUnknown
    return client


async def party_at(
    read: Read, client_id: str | None, origin: str, party: RelyingParty, workcenter: Workcenter
) -> RelyingParty:
    """Return the relying party for a page of the client at this origin, where it has such a page.

    Raises ClientUnknown where it has none; `party` itself is for whoever names no origin, or signed in by JSON.
    """
    if client_id is None or not origin:
        return party
    client = await client_of(read, client_id, workcenter)
    host = client.host_of(f"{origin}{BACK}")
    if host is None:
        raise ClientUnknown
    return party.at(name_of(host), origin)


async def by_password(
    tx: Tx,
    attempt: signing_in.Attempt,
    code: str | None,
    new_hash: str | None,
    kms: KeyManagement,
    issuer: TokenIssuer,
    client: Client,
    asked: Asked,
) -> str | SignInRefused | SecondFactorNeeded | SecondFactorRefused | NotACustomer:
    """Give a code to whoever has proved who they are by password, and a second factor where there is one."""
    proved = await signing_in.prove(tx, attempt, code, new_hash, kms, issuer)
    return proved if isinstance(proved, Exception) else await _give(tx, proved, client, asked, attempt.device, kms)


async def by_new_password(
    tx: Tx,
    attempt: signing_in.Attempt,
    code: str | None,
    new_hash: str,
    kms: KeyManagement,
    issuer: TokenIssuer,
    client: Client,
    asked: Asked,
) -> str | SignInRefused | SecondFactorNeeded | SecondFactorRefused | NotACustomer:
    """Let whoever has proved who they are have another password, and give a code; all that began before ends."""
    proved = await signing_in.prove(tx, attempt, code, None, kms, issuer)
    if isinstance(proved, Exception):
        return proved
    tenant, login = attempt.tenant, proved.login
    if not client.admits(login.roles):
        return _not_here(client)
    if not await logins.set_password(tx, tenant, login.subject_id, login.password_hash, new_hash):
        return SignInRefused()
    await signing_in.password_changed(tx, tenant, login.subject_id, kms, attempt.device)
    await known_networks.put(tx, tenant, login.subject_id, attempt.network)
    return await _give(tx, proved, client, asked, attempt.device, kms)


async def by_passkey(
    tx: Tx,
    answer: Mapping[str, Any],
    party: RelyingParty,
    client: Client,
    asked: Asked,
    device: Device,
    kms: KeyManagement,
) -> str | PasskeyRefused | NotACustomer:
    """Give a code to whoever's device has signed."""
    proved = await passkeys.prove(tx, client.tenant, answer, party)
    return proved if isinstance(proved, Exception) else await _give(tx, proved, client, asked, device, kms)


async def by_registration(
    tx: Tx, customer_id: UUID, client: Client, asked: Asked, device: Device, kms: KeyManagement
) -> str | NotACustomer:
    """Give a code to somebody who has registered just now, with the password that they chose."""
    login = await logins.by_subject(tx, client.tenant, customer_id)
    if login is None:
        return NotACustomer()
    return await _give(tx, signing_in.Authentication(login, ("pwd",)), client, asked, device, kms)


async def trade(
    tx: Tx, code: str, asker: Asker, verifier: str, issuer: TokenIssuer, workcenter: Workcenter
) -> sessions.Tokens | GrantRefused:
    """Begin a session for a code, which is used up in any case.

    Whoever brings a code a second time has stolen it, or it was stolen from them: the session that was made of it ends.
    """
    code_hash = hashed(code)
    given = await codes.lock(tx, code_hash)
    if given is None:
        return GrantRefused()
    if given.used_at is not None:
        if given.session_id is not None:
            await session_rows.end(tx, given.tenant, given.session_id, "its code was used twice")
        security.warning("a code was used twice", tenant=given.tenant, client=given.client_id)
        return GrantRefused()
    fits = (given.client_id, given.redirect_uri) == asker and answers(given.challenge, verifier)
    login = await logins.by_subject(tx, given.tenant, given.subject_id)
    client = await _client(tx, given.client_id, workcenter)
    if not fits or given.expires_at <= tx.now or login is None or client is None or client.tenant != given.tenant:
        await codes.use(tx, code_hash, None)
        security.warning("a code was refused", tenant=given.tenant, client=given.client_id, fits=fits)
        return GrantRefused()
    device = Device(given.browser, given.system)
    scope, since = session_rows.Scope(client.id, device=device), given.given_at
    tokens = await sessions.begin(tx, given.tenant, login, given.methods, issuer, scope, authenticated_at=since)
    await codes.use(tx, code_hash, tokens.session)
    return tokens


async def go_on(
    tx: Tx, refresh_token: str, client_id: str, issuer: TokenIssuer
) -> sessions.Tokens | RefreshRefused | GrantRefused:
    """Trade a refresh token for the next, for the client alone that it was given to (RFC 9700, 2.2.2)."""
    if not await session_rows.is_of_client(tx, tenant_of(refresh_token), hashed(refresh_token), client_id):
        return GrantRefused()
    return await sessions.refresh(tx, refresh_token, issuer)


async def _client(read: Read, client_id: str, workcenter: Workcenter) -> Client | None:
    return workcenter.client(client_id) or await clients.find(read, client_id)


def _not_here(client: Client) -> NotACustomer:
    return NotStaff() if client.staff else NotACustomer()


async def _give(
    tx: Tx, proved: signing_in.Authentication, client: Client, asked: Asked, device: Device, kms: KeyManagement
) -> str | NotACustomer:
    login, methods = proved
    if not client.admits(login.roles):
        return _not_here(client)
    await recognising.see(tx, client.tenant, login.subject_id, device, kms)
    code = new_code()
    await codes.add(tx, hashed(code), client, asked, login.subject_id, methods, device)
    return code
