"""Forgotten passwords."""

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.web import Routes

from accounts.domain import guessing
from accounts.usecases import resetting
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.web import bodies
from accounts.web.attempts import Attempts
from accounts.web.limits import SignInRate

routes = Routes()


@routes.post("/password-reset", status=202, limit=SignInRate)
async def request_reset(tx: Tx, body: bodies.Forgotten, kms: KeyManagement) -> None:
    """Mail a code to a customer who has forgotten the password; whether there is such a customer is not answered."""
    await resetting.request(tx, body.tenant, body.email, kms)


@routes.post("/password-reset/confirmation", limit=SignInRate)
async def confirm_reset(
    begin: Begin, request: web.Request, body: bodies.Reset, attempts: Attempts, passwords: Passwords, kms: KeyManagement
) -> None:
    """Choose another password with the code that was mailed, once and within an hour; a second factor stays."""
    guessing.refuse_guessable(body.password)
    password_hash = await passwords.hash(body.password)
    async with begin() as tx:
        refused = await resetting.confirm(tx, body.tenant, body.code, password_hash, attempts.device(request), kms)
    if refused is not None:
        raise refused
