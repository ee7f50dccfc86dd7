"""Whoever is signed in names the password once more, for what a stolen access token must not do."""

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web
from chassis.db import Begin
from chassis.identity.tokens import Caller
from chassis.web import Problem
from chassis.web.limits import address_of
from chassis.web.problems import from_error

from accounts.domain.people import CUSTOMER_ROLE, PasswordRefused, SignInRefused, Throttled
from accounts.domain.second_factor import SEVERAL, SecondFactorNeeded, SecondFactorRefused
from accounts.usecases import signing_in
from accounts.usecases.passwords import Passwords
from accounts.usecases.vault import Vault


def throttled(refusal: Throttled) -> Problem:
    """A refusal that says when to come again."""
    problem = from_error(refusal, 429)
    problem.headers = {"Retry-After": str(refusal.seconds)}
    return problem


def refused(error: Exception) -> Exception:
    """A refusal to somebody who is signed in already: 403, for 401 would tell them to sign in again."""
    if isinstance(error, SignInRefused):
        error = PasswordRefused()
    if isinstance(error, PasswordRefused | SecondFactorNeeded | SecondFactorRefused):
        return from_error(error, 403)
    return error


@dataclass(frozen=True, slots=True)
class Proof:
    """Begins attempts of those who are signed in; they are counted like sign-ins."""

    vault: Vault
    passwords: Passwords
    trusted_proxies: int
    staff_need_two: bool

    def beyond(self, caller: Caller) -> bool:
        """Whether the password alone is no proof where the caller has a passkey: that of staff who did not use it."""
        staff = CUSTOMER_ROLE not in caller.roles
        return self.staff_need_two and staff and SEVERAL not in caller.claims.get("amr", ())

    async def begin(self, begin: Begin, caller: Caller, request: web.Request) -> signing_in.Attempt:
        """Begin an attempt of the caller's; raises a problem where too many have failed."""
        address = address_of(request, self.trusted_proxies)
        async with begin() as tx:
            attempt = await signing_in.begin_known(tx, caller.tenant, UUID(caller.subject), address, self.vault)
        if isinstance(attempt, Throttled):
            raise throttled(attempt)
        return attempt

    async def by_password(
        self, begin: Begin, caller: Caller, request: web.Request, password: str
    ) -> tuple[signing_in.Attempt, bool]:
        """Begin an attempt, and whether the password is right."""
        attempt = await self.begin(begin, caller, request)
        return attempt, await self.passwords.matches(attempt.password_hash, password)
