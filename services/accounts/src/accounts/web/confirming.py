"""How customers confirm the address with which they have registered."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.web import Routes

from accounts.domain.people import CONFIRMING, CodeRefused, CodesSpent
from accounts.usecases import confirming, correcting, registering
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.usecases.registering import RegistrationsPerDay
from accounts.usecases.sessions import By
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies, views
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import RegistrationRate, SignInRate

routes = Routes()


@routes.put("/me/email/registered", allow=CONFIRMING, limit=RegistrationRate)
async def correct_registered(
    read: Read,
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.RegisteredEmail,
    attempts: Attempts,
    passwords: Passwords,
    kms: KeyManagement,
    limits: RegistrationsPerDay,
) -> None:
    """Register with another address than the one that was mistyped, with the password; a code is mailed there.

    It is limited as registering is, and codes that were mailed before count no more. An address that somebody has
    confirmed is refused as such (409).
    """
    attempt = await attempts.to_reauthenticate(begin, request, caller, body.password)
    salt = await registering.salt(read, caller.tenant, body.email, kms)
    password_hash = await passwords.hash(body.password, salt) if attempt.password_right else ""
    customer_id, network = UUID(caller.subject), attempts.network(request)
    async with begin() as tx:
        refused = await correcting.correct(tx, attempt, customer_id, body.email, password_hash, network, kms, limits)
    accepted(refused)


@routes.post("/me/email/registered/code", allow=CONFIRMING, status=202, limit=SignInRate)
async def mail_registered_code(tx: Tx, caller: Caller, limits: RegistrationsPerDay, kms: KeyManagement) -> None:
    """Have another code mailed, four within an hour at most; those mailed before count for their day, too."""
    await confirming.mail_again(tx, caller.tenant, UUID(caller.subject), limits.mailbox, kms)


@routes.post("/me/email/registered/confirmation", allow=CONFIRMING, limit=SignInRate)
async def confirm_registered(
    tx: Tx, caller: Caller, body: bodies.MailedCode, issuer: TokenIssuer
) -> views.TokensView | CodeRefused | CodesSpent:
    """Send the code back; the answer's tokens are those of a session in which the caller is a customer.

    After 5 wrong codes none that was mailed before counts any more, and another one has to be mailed.
    """
    customer_id, session_id = UUID(caller.subject), UUID(caller.claims["sid"])
    by = By(tuple(caller.claims["amr"]), caller.authenticated_at or tx.now)
    tokens = await confirming.confirm(tx, caller.tenant, customer_id, session_id, by, body.code, issuer)
    return tokens if isinstance(tokens, CodeRefused | CodesSpent) else views.tokens_view(tokens)
