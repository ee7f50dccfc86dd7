"""Choosing a password, for those whom an operator has invited."""

from aiohttp import web
from chassis.db import Begin
from chassis.web import Routes

from accounts.domain import guessing
from accounts.usecases import staffing
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.web import bodies
from accounts.web.attempts import Attempts
from accounts.web.limits import SignInRate

routes = Routes()


@routes.post("/invitation", limit=SignInRate)
async def accept(
    begin: Begin,
    request: web.Request,
    body: bodies.Acceptance,
    attempts: Attempts,
    passwords: Passwords,
    kms: KeyManagement,
) -> None:
    """Choose the password that signs in from now on; an invitation counts once, within 3 days."""
    guessing.refuse_guessable(body.password)
    password_hash = await passwords.hash(body.password)
    device = attempts.device(request)
    async with begin() as tx:
        refused = await staffing.accept(tx, body.invitation, password_hash, device, kms, body.tenant)
    if refused is not None:
        raise refused
