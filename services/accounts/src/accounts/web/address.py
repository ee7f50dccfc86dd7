"""How customers change the address at which they are written to."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.web import Routes

from accounts.domain.people import CUSTOMER_ROLE
from accounts.usecases import addressing
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.registering import RegistrationsPerDay
from accounts.web import bodies, views
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

    A code is mailed to it, and another one to the address until now. With both it counts at once; with the first alone
    three days later, unless somebody objects. Asked for the same address again within a minute, nothing more is mailed.
    """
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    network = attempts.network(request)
    async with begin() as tx:
        result = await addressing.request(
            tx, attempt, UUID(caller.subject), body.email, body.code, network, kms, limits
        )
    accepted(result)


@routes.get("/me/email", allow=CUSTOMER_ROLE)
async def view_email(read: Read, caller: Caller) -> views.EmailView:
    """Show whether another address waits for its codes, and when it counts."""
    return views.email_view(await addressing.waiting(read, caller.tenant, UUID(caller.subject)))


@routes.post("/me/email/confirmation", allow=CUSTOMER_ROLE, limit=SignInRate)
async def confirm_email(tx: Tx, caller: Caller, body: bodies.MailedCode) -> views.EmailView:
    """Send back the code that was mailed to the new address, within a day, or that of the former one.

    Where nothing waits any more, the address has changed; what had bounced is sent there.
    """
    return views.email_view(await addressing.confirm(tx, caller.tenant, UUID(caller.subject), body.code))


@routes.delete("/me/email/change", allow=CUSTOMER_ROLE)
async def give_up_email(tx: Tx, caller: Caller) -> None:
    """Leave the address as it is."""
    await addressing.give_up(tx, caller.tenant, UUID(caller.subject))


@routes.post("/email-objection", limit=SignInRate)
async def object_to_email(tx: Tx, body: bodies.Objection) -> None:
    """Object to another address with the code that was mailed to the former one: nothing changes, all sessions end."""
    await addressing.object_to(tx, body.tenant, body.code)
