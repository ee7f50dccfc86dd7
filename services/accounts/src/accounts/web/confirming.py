"""How customers confirm the address with which they have registered."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity import Caller
from chassis.web import Routes

from accounts.domain.people import CONFIRMING, CodeRefused, CodesSpent
from accounts.usecases import confirming
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.registering import RegistrationsPerDay
from accounts.usecases.sessions import By
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies, views
from accounts.web.limits import SignInRate

routes = Routes()


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
