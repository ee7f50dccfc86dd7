"""Registering, signing in, refreshing, signing out."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.web import Routes

from accounts.domain import guessing
from accounts.domain.people import CustomerUnknown, EmailTaken, RefreshRefused
from accounts.store import customers
from accounts.usecases import registering, sessions, signing_in
from accounts.usecases.confirming import AddressConfirmation
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies, views
from accounts.web.attempts import Attempts
from accounts.web.limits import RefreshRate, RegistrationRate, SignInRate

routes = Routes()


@routes.get("/tenants/{tenant}/customers/{customer}")
async def view_customer(read: Read, tenant: bodies.Tenant, customer: UUID) -> views.CustomerView:
    """Show whether there is such a customer: the id, which cannot be guessed, and nothing else."""
    if await customers.find(read, tenant, customer) is None:
        raise CustomerUnknown
    return views.CustomerView(customer=customer)


@routes.post("/customers", creates=view_customer, limit=RegistrationRate)
async def register(
    read: Read,
    begin: Begin,
    request: web.Request,
    body: bodies.Registration,
    attempts: Attempts,
    passwords: Passwords,
    kms: KeyManagement,
    limits: registering.RegistrationsPerDay,
    confirmation: AddressConfirmation,
) -> dict[str, object]:
    """Open a customer's account (ORD-1); a code is mailed to its address, and counts before anything else.

    An e-mail address that somebody has confirmed is refused as such, and the limits per network keep that from being
    a way to ask for many. All addresses of a mailbox count together, for each gets a letter.
    """
    guessing.refuse_guessable(body.password, body.name, body.email)
    new = registering.Registration(
        tenant=body.tenant,
        email=body.email,
        password_hash=await passwords.hash(body.password, await registering.salt(read, body.tenant, body.email, kms)),
        name=body.name,
        market=body.market,
        language=body.language,
        keep_data=body.keep_data,
    )
    async with begin() as tx:
        customer_id = await registering.register(tx, new, attempts.network(request), kms, limits, confirmation)
    if isinstance(customer_id, EmailTaken):
        raise customer_id
    return {"tenant": body.tenant, "customer": customer_id}


@routes.post("/sign-in", limit=SignInRate)
async def sign_in(
    begin: Begin,
    request: web.Request,
    body: bodies.SignIn,
    attempts: Attempts,
    passwords: Passwords,
    kms: KeyManagement,
    issuer: TokenIssuer,
) -> views.TokensView:
    """Begin a session; what is wrong is answered alike, in the same time, whether the account exists or not.

    Where the password is right and the account has a second factor, `second-factor-needed` asks for `code` as
    well: one of the authenticator app, or a recovery code; each counts once. The token says how one signed in
    (`amr`, RFC 8176). It counts at all services, or at those alone that `audience` names.
    """
    attempt = await attempts.to_sign_in(begin, request, body.tenant, body.email, body.password)
    outdated = attempt.password_right and passwords.outdated(attempt.password_hash or "")
    new_hash = await passwords.hash(body.password) if outdated else None
    async with begin() as tx:
        result = await signing_in.sign_in(tx, attempt, body.code, new_hash, kms, issuer, body.audience)
    if isinstance(result, Exception):
        raise result
    return views.tokens_view(result)


@routes.post("/refresh", limit=RefreshRate)
async def refresh(tx: Tx, body: bodies.Refresh, issuer: TokenIssuer) -> views.TokensView | RefreshRefused:
    """Trade a refresh token for the next pair; a token that comes twice ends its session."""
    result = await sessions.refresh(tx, body.refresh_token, issuer)
    return result if isinstance(result, RefreshRefused) else views.tokens_view(result)


@routes.post("/sign-out", limit=RefreshRate)
async def sign_out(tx: Tx, body: bodies.Refresh) -> None:
    """End the session of a refresh token; what is no token is answered alike."""
    await sessions.sign_out(tx, body.refresh_token)
