"""The second factor in the private area."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.web import Routes

from accounts.domain.people import CUSTOMER_ROLE, STAFF_ROLES
from accounts.domain.second_factor import ENROLLING
from accounts.store import second_factors as store
from accounts.usecases import enrolling
from accounts.usecases.signing import Signing
from accounts.web import bodies, views
from accounts.web.limits import Limits
from accounts.web.proof import Proof, refused

EVERYBODY = (CUSTOMER_ROLE, *STAFF_ROLES)
# Also those who may do nothing else yet.
ENROLLERS = (*EVERYBODY, ENROLLING)


def add(routes: Routes, proof: Proof, signing: Signing, limits: Limits) -> None:
    """The routes of the second factor (ORD-1)."""

    @routes.get("/me/second-factor", allow=ENROLLERS)
    async def see(tx: Tx, caller: Caller) -> views.SecondFactorView:
        """Whether the caller has a second factor, and how many recovery codes are left."""
        seen = await store.see(tx, caller.tenant, UUID(caller.subject))
        return views.second_factor_view(seen)

    @routes.post("/me/second-factor", allow=ENROLLERS, limit=limits.sign_in)
    async def enrol(begin: Begin, caller: Caller, request: web.Request, body: bodies.NamePassword) -> views.DeviceView:
        """Begin to enrol an authenticator app (RFC 6238); it counts when a first code has confirmed it.

        Asked again, an enrolment that is not confirmed begins anew with another secret; after 15 minutes it is void.
        """
        attempt, right = await proof.by_password(begin, caller, request, body.password)
        async with begin() as tx:
            device = await enrolling.begin(tx, attempt, proof.vault, right=right, beyond=proof.beyond(caller))
        if isinstance(device, Exception):
            raise refused(device)
        return views.device_view(device)

    @routes.post("/me/second-factor/confirmation", allow=ENROLLERS, limit=limits.sign_in)
    async def confirm(begin: Begin, caller: Caller, request: web.Request, body: bodies.NameCode) -> views.ConfirmedView:
        """Confirm with a first code; all sessions end, and the answer's tokens are a new one's.

        The recovery codes are shown this once; each replaces one code.
        """
        attempt = await proof.begin(begin, caller, request)
        async with begin() as tx:
            confirmed = await enrolling.confirm(tx, attempt, body.code, proof.vault, signing)
        if isinstance(confirmed, Exception):
            raise refused(confirmed)
        return views.ConfirmedView(recovery_codes=confirmed.recovery_codes, tokens=views.tokens_view(confirmed.tokens))

    @routes.post("/me/second-factor/recovery-codes", allow=EVERYBODY, limit=limits.sign_in)
    async def renew_codes(
        begin: Begin, caller: Caller, request: web.Request, body: bodies.NameBoth
    ) -> views.RecoveryCodesView:
        """New recovery codes, shown this once; the old ones count no more."""
        attempt, right = await proof.by_password(begin, caller, request, body.password)
        async with begin() as tx:
            codes = await enrolling.renew_codes(tx, attempt, body.code, proof.vault, right=right)
        if isinstance(codes, Exception):
            raise refused(codes)
        return views.RecoveryCodesView(recovery_codes=codes)

    @routes.post("/me/second-factor/removal", allow=EVERYBODY, limit=limits.sign_in)
    async def remove(begin: Begin, caller: Caller, request: web.Request, body: bodies.NameBoth) -> None:
        """Remove the second factor, for password and code, of which a recovery code is one; all sessions end."""
        attempt, right = await proof.by_password(begin, caller, request, body.password)
        async with begin() as tx:
            refusal = await enrolling.remove(tx, attempt, body.code, proof.vault, right=right)
        if refusal is not None:
            raise refused(refusal)
