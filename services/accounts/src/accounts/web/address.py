"""How customers change the address at which they are written to."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity import Caller
from chassis.web import Routes

from accounts.domain.people import CUSTOMER_ROLE
from accounts.usecases import addressing
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.registering import RegistrationsPerDay
from accounts.web import bodies
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import SignInRate

routes = Routes()


@routes.post("/me/email", allow=CUSTOMER_ROLE, status=202, limit=SignInRate)
async def change_email(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.NewEmail,
    attempts: Attempts,
    kms: KeyManagement,
    limits: RegistrationsPerDay,
) -> None:
    """Ask for another e-mail address, with the password, and a code where there is a second factor.

    A code is mailed to it; until that is sent back, nothing changes.
    """
    attempt = await attempts.to_reauthenticate(begin, request, caller, body.password)
    network = attempts.network(request)
    async with begin() as tx:
        result = await addressing.request(
            tx, attempt, UUID(caller.subject), body.email, body.code, network, kms, limits
        )
    accepted(result)


@routes.post("/me/email/confirmation", allow=CUSTOMER_ROLE, limit=SignInRate)
async def confirm_email(tx: Tx, caller: Caller, body: bodies.MailedCode) -> None:
    """Send back the code that was mailed to the new address, within a day; what had bounced is sent there."""
    await addressing.confirm(tx, caller.tenant, UUID(caller.subject), body.code)
