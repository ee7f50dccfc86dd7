"""Attempts to prove who one is: to sign in, or once more for what a stolen access token must not do."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from aiohttp import web
from chassis.db import Begin
from chassis.identity import Caller
from chassis.refusals import sentence
from chassis.web import address_of, from_error, network_of, refuse_stale, stale

from accounts.domain.device import Device
from accounts.domain.people import CUSTOMER_ROLE, NotFresh, PasswordRefused, SignInRefused, Throttled
from accounts.domain.second_factor import SEVERAL_FACTORS, SecondFactorNeeded, SecondFactorRefused
from accounts.usecases import signing_in
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.web.devices import device_in, device_of

T = TypeVar("T")
# How long after signing in the password need not be named again.
FRESH = timedelta(minutes=5)
NEITHER = sentence(NotFresh)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Begins attempts to sign in and attempts of those who are signed in to reauthenticate; both are counted alike."""

    kms: KeyManagement
    passwords: Passwords
    trusted_proxies: int
    staff_need_second_factor: bool

    def network(self, request: web.Request) -> str:
        """Return the network of the client."""
        return network_of(address_of(request, self.trusted_proxies))

    def device(self, request: web.Request) -> Device:
        """Return what the client uses, and from which network: a program is not known elsewhere."""
        return replace(device_of(request), network=self.network(request))

    async def to_sign_in(
        self, begin: Begin, request: web.Request, tenant: str, email: str, password: str
    ) -> signing_in.Attempt:
        """Begin an attempt to sign in and compare the password; raises a Problem where too many have failed."""
        network = self.network(request)
        async with begin() as tx:
            attempt = await signing_in.begin(tx, tenant, email, network, self.kms)
        return replace(await self._compared(attempt, password), device=self.device(request))

    async def to_reauthenticate(
        self, begin: Begin, request: web.Request, caller: Caller, password: str | None
    ) -> signing_in.Attempt:
        """Begin an attempt of the caller's and compare the password, if one is asked for.

        The password alone is no proof where staff need a second factor and did not use the passkey that they have.
        Raises a Problem where too many have failed.
        """
        network = self.network(request)
        async with begin() as tx:
            attempt = await signing_in.reauthenticate(tx, caller.tenant, UUID(caller.subject), network, self.kms)
            device = await device_in(tx, request, caller)
        is_staff = CUSTOMER_ROLE not in caller.roles
        several = SEVERAL_FACTORS in caller.claims.get("amr", ())
        attempt = replace(await self._compared(attempt, password), device=replace(device, network=network))
        return replace(attempt, passkey_counts=self.staff_need_second_factor and is_staff and not several)

    async def to_prove(
        self, begin: Begin, request: web.Request, caller: Caller, password: str | None
    ) -> signing_in.Attempt:
        """Begin an attempt of the caller's for an act that hurts: with the password, or shortly after signing in.

        The one place that decides it (RFC 9470). Raises a Problem where neither is there, or too many have failed.
        """
        if password is not None:
            return await self.to_reauthenticate(begin, request, caller, password)
        async with begin() as tx:
            refuse_stale(caller, tx.now, FRESH, NEITHER)
            session, methods = UUID(caller.claims["sid"]), caller.claims["amr"]
            attempt = await signing_in.trust(tx, caller.tenant, UUID(caller.subject), session, methods)
            device = await device_in(tx, request, caller)
        if isinstance(attempt, NotFresh):
            raise stale(FRESH, NEITHER)
        counts = self.staff_need_second_factor and CUSTOMER_ROLE not in caller.roles
        return replace(attempt, passkey_counts=counts, device=device)

    async def _compared(self, attempt: signing_in.Attempt | Throttled, password: str | None) -> signing_in.Attempt:
        if isinstance(attempt, Throttled):
            raise attempt
        if password is None:
            return replace(attempt, password_right=False)
        if not attempt.others:
            return replace(attempt, password_right=await self.passwords.matches(attempt.password_hash, password))
        known = [login for login in (attempt.login, *attempt.others) if login is not None and login.password_hash]
        number = await self.passwords.belongs_to([login.password_hash or "" for login in known], password)
        return replace(
            attempt, login=attempt.login if number is None else known[number], password_right=number is not None
        )


def accepted(result: T | Exception) -> T:
    """Return a result, or raise the refusal that it is: 403, for 401 tells the caller to sign in again."""
    if isinstance(result, NotFresh):
        raise stale(FRESH, NEITHER)
    if isinstance(result, SignInRefused):
        raise PasswordRefused
    if isinstance(result, SecondFactorNeeded | SecondFactorRefused):
        raise from_error(result, 403)
    if isinstance(result, Exception):
        raise result
    return result
