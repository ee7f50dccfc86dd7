"""The routes of accounts."""

from chassis.web import Routes

from accounts.domain import people
from accounts.domain import second_factor as factors
from accounts.usecases.passwords import Passwords
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault
from accounts.web import private_area, second_factor, services, sign_in, staff
from accounts.web.limits import Limits
from accounts.web.proof import Proof

ERRORS: dict[type[Exception], int] = {
    people.TenantUnknown: 404,
    people.CustomerUnknown: 404,
    people.ErasureUnknown: 404,
    people.EmailTaken: 409,
    people.EmailMalformed: 422,
    people.SignInRefused: 401,
    people.RefreshRefused: 401,
    people.ServiceRefused: 401,
    people.PasswordRefused: 403,
    people.AccountErased: 410,
    people.Throttled: 429,
    factors.SecondFactorNeeded: 401,
    factors.SecondFactorRefused: 401,
    factors.SecondFactorAbsent: 409,
    factors.SecondFactorPresent: 409,
}


def routes(vault: Vault, passwords: Passwords, signing: Signing, limits: Limits, trusted_proxies: int) -> Routes:
    """What accounts answers."""
    routes = Routes(ERRORS)
    proof = Proof(vault, passwords, trusted_proxies)
    sign_in.add(routes, vault, passwords, signing, limits, trusted_proxies)
    private_area.add(routes, proof, limits)
    second_factor.add(routes, proof, signing, limits)
    services.add(routes, vault, signing)
    staff.add(routes, vault)
    return routes
