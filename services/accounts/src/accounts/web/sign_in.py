"""Registering, signing in, refreshing, signing out."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.web import Routes
from chassis.web.limits import address_of

from accounts.domain.people import CustomerUnknown, RefreshRefused, Throttled
from accounts.store import customers
from accounts.usecases import registering, sessions, signing_in
from accounts.usecases.passwords import Passwords
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault
from accounts.web import bodies, views
from accounts.web.limits import Limits
from accounts.web.proof import throttled


def add(
    routes: Routes, vault: Vault, passwords: Passwords, signing: Signing, limits: Limits, trusted_proxies: int
) -> None:
    """The routes for which nobody has to be signed in."""

    @routes.get("/tenants/{tenant}/customers/{customer}")
    async def view_customer(tx: Tx, tenant: bodies.Tenant, customer: UUID) -> views.CustomerView:
        """Whether there is such a customer: the id, which cannot be guessed, and nothing else."""
        if await customers.find(tx, tenant, customer) is None:
            raise CustomerUnknown
        return views.CustomerView(customer=customer)

    @routes.post("/customers", creates=view_customer, limit=limits.registration)
    async def register(begin: Begin, body: bodies.Register) -> dict[str, object]:
        """Open a customer's account (ORD-1).

        A known e-mail address is refused as such: no e-mail is sent here by which its owner could be told instead,
        and the limit per address keeps it from being a way to ask for many.
        """
        password_hash = await passwords.hash(body.password)
        said = registering.Registration(
            tenant=body.tenant,
            email=body.email,
            password_hash=password_hash,
            name=body.name,
            market=body.market,
            language=body.language,
            keep_data=body.keep_data,
        )
        async with begin() as tx:
            customer = await registering.register(tx, said, vault)
        return {"tenant": body.tenant, "customer": customer}

    @routes.post("/sign-in", limit=limits.sign_in)
    async def sign_in(begin: Begin, request: web.Request, body: bodies.SignIn) -> views.TokensView:
        """Begin a session; what is wrong is answered alike, in the same time, whether the account exists or not.

        Where the password is right and the account has a second factor, `second-factor-needed` asks for `code` as
        well: one of the authenticator app, or a recovery code; each counts once. The token says how one signed in
        (`amr`, RFC 8176).
        """
        address = address_of(request, trusted_proxies)
        async with begin() as tx:
            attempt = await signing_in.begin(tx, body.tenant, body.email, address, vault)
        if isinstance(attempt, Throttled):
            raise throttled(attempt)
        right = await passwords.matches(attempt.password_hash, body.password)
        new_hash = None
        if right and attempt.password_hash and passwords.outdated(attempt.password_hash):
            new_hash = await passwords.hash(body.password)
        async with begin() as tx:
            result = await signing_in.judge(tx, attempt, new_hash, body.code, vault, signing, right=right)
        if isinstance(result, Exception):
            raise result
        return views.tokens_view(result)

    @routes.post("/refresh", limit=limits.refresh)
    async def refresh(tx: Tx, body: bodies.Refresh) -> views.TokensView | RefreshRefused:
        """Trade a refresh token for the next pair; a token that comes twice ends its session."""
        result = await sessions.refresh(tx, body.refresh_token, signing)
        return result if isinstance(result, RefreshRefused) else views.tokens_view(result)

    @routes.post("/sign-out", limit=limits.refresh)
    async def sign_out(tx: Tx, body: bodies.Refresh) -> None:
        """End the session of a refresh token; what is no token is answered alike."""
        await sessions.sign_out(tx, body.refresh_token)
