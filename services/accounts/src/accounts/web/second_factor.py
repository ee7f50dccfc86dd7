"""The caller's second factor (ORD-1)."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.web import Routes

from accounts.domain.people import EVERYBODY
from accounts.domain.second_factor import ENROLLERS, RecoveryCodesOutdated
from accounts.store import second_factors as store
from accounts.usecases import enrolling, second_factors
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies, views
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import SignInRate

routes = Routes()


@routes.get("/me/second-factor", allow=ENROLLERS)
async def see(read: Read, caller: Caller) -> views.SecondFactorView:
    """Show whether the caller has a second factor, and how many recovery codes are left."""
    return views.second_factor_view(await store.enrolment(read, caller.tenant, UUID(caller.subject)))


@routes.post("/me/second-factor", allow=ENROLLERS, limit=SignInRate)
async def enrol(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.CurrentPassword,
    attempts: Attempts,
    kms: KeyManagement,
) -> views.DeviceView:
    """Begin to enrol an authenticator app (RFC 6238); it counts when a first code has confirmed it.

    Asked again, an enrolment that is not confirmed begins anew with another secret; after 15 minutes it is void.
    """
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        secret = await enrolling.begin(tx, attempt, kms)
    return views.device_view(accepted(secret))


@routes.post("/me/second-factor/confirmation", allow=ENROLLERS, limit=SignInRate)
async def confirm(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.FirstCode,
    attempts: Attempts,
    kms: KeyManagement,
    issuer: TokenIssuer,
) -> views.ConfirmationView:
    """Confirm with a first code; all sessions end, and the answer's tokens are a new one's.

    The recovery codes are shown this once; each replaces one code.
    """
    attempt = await attempts.to_reauthenticate(begin, request, caller, None)
    async with begin() as tx:
        confirmation = await enrolling.confirm(tx, attempt, body.code, kms, issuer, UUID(caller.claims["sid"]))
    return views.confirmation_view(accepted(confirmation))


@routes.post("/me/second-factor/recovery-codes", allow=EVERYBODY, limit=SignInRate)
async def renew_codes(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.Reauthentication,
    attempts: Attempts,
    kms: KeyManagement,
) -> views.RecoveryCodesView:
    """Replace the recovery codes; the new ones are shown this once, the old ones count no more."""
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        codes = await enrolling.renew_codes(tx, attempt, body.code, kms)
    return views.RecoveryCodesView(recovery_codes=accepted(codes))


@routes.post("/me/second-factor/recovery-codes/current", allow=EVERYBODY, limit=SignInRate)
async def check_codes(tx: Tx, caller: Caller, body: bodies.ShownCodes, kms: KeyManagement) -> None:
    """Answer whether all of these count still, for a page that gives them as a file; nobody can guess 120 bits."""
    subject_id = UUID(caller.subject)
    if not await second_factors.all_count(tx, caller.tenant, subject_id, body.recovery_codes, kms):
        raise RecoveryCodesOutdated


@routes.post("/me/second-factor/removal", allow=EVERYBODY, limit=SignInRate)
async def remove(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.Reauthentication,
    attempts: Attempts,
    kms: KeyManagement,
) -> None:
    """Remove the second factor, for password and code, of which a recovery code is one; all sessions end."""
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await enrolling.remove(tx, attempt, body.code, kms)
    accepted(result)
