"""Proving once more who one is, so that for some minutes nothing asks for the password (RFC 9470)."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller
from chassis.web import Routes

from accounts.domain.people import CONFIRMING, EVERYBODY
from accounts.usecases import hinting, signing_in
from accounts.usecases.key_management import KeyManagement
from accounts.web import bodies, views
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import SignInRate

routes = Routes()


@routes.post("/me/authentication", allow=EVERYBODY, limit=SignInRate)
async def authenticate(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.PasswordAgain,
    attempts: Attempts,
    kms: KeyManagement,
) -> None:
    """Name the password, and a code where there is a second factor; the session's next token has a new `auth_time`."""
    attempt = await attempts.to_reauthenticate(begin, request, caller, body.password)
    async with begin() as tx:
        refused = await signing_in.prove_again(tx, attempt, UUID(caller.claims["sid"]), body.code, kms)
    accepted(refused)


@routes.get("/me/sign-in-hint", allow=(*EVERYBODY, CONFIRMING))
async def sign_in_hint(read: Read, caller: Caller, kms: KeyManagement) -> views.HintView:
    """Give what a client sends as `login_hint` when the caller signs in once more; it is of use for ten minutes.

    It names nobody: on these pages alone the caller's e-mail address stands in the form.
    """
    return views.HintView(hint=await hinting.hint_of(read, caller.tenant, UUID(caller.subject), kms))
