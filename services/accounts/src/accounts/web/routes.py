"""The routes of accounts."""

from chassis.web import Routes

from accounts.domain import passkey, people
from accounts.domain import second_factor as factors
from accounts.usecases.passwords import Passwords
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault
from accounts.web import passkeys, private_area, second_factor, services, sign_in, staff
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
    passkey.PasskeyUnknown: 404,
    passkey.PasskeyRefused: 401,
    passkey.PasskeyUnfit: 422,
    passkey.TooManyPasskeys: 409,
    factors.SecondFactorNeeded: 401,
    factors.SecondFactorRefused: 401,
    factors.SecondFactorAbsent: 409,
    factors.SecondFactorPresent: 409,
}


def routes(
    vault: Vault, passwords: Passwords, signing: Signing, party: RelyingParty, limits: Limits, trusted_proxies: int
) -> Routes:
    """What accounts answers."""
    routes = Routes(ERRORS)
    proof = Proof(vault, passwords, trusted_proxies, signing.staff_need_two)
    sign_in.add(routes, vault, passwords, signing, limits, trusted_proxies)
    private_area.add(routes, proof, limits)
    passkeys.add(routes, proof, party, signing, limits)
    second_factor.add(routes, proof, signing, limits)
    services.add(routes, vault, signing)
    staff.add(routes, vault)
    return routes
