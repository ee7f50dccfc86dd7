"""Passkeys (ORD-1): signing in with one, and managing one's own."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Routes

from accounts.domain.authorization import Workcenter
from accounts.domain.passkey import PasskeyRefused, PasskeyUnfit
from accounts.domain.people import EVERYBODY
from accounts.domain.second_factor import ENROLLERS
from accounts.usecases import authorizing, passkeys
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies, views
from accounts.web.attempts import Attempts, accepted
from accounts.web.devices import device_in
from accounts.web.limits import SignInRate

# The longest answer of a device that is admitted has some 10,000 characters.
ANSWER_LIMIT = 16_384

routes = Routes()


@routes.post("/sign-in/passkey/options", limit=SignInRate)
async def begin_sign_in(tx: Tx, body: bodies.TenantName, party: RelyingParty) -> views.OptionsView:
    """Return options for `navigator.credentials.get()`; the challenge counts once, within 5 minutes."""
    return views.OptionsView(public_key=await passkeys.begin_sign_in(tx, body.tenant, party))


@routes.post("/sign-in/passkey", limit=SignInRate, body_limit=ANSWER_LIMIT)
async def sign_in(
    tx: Tx,
    request: web.Request,
    body: bodies.PasskeySignIn,
    party: RelyingParty,
    issuer: TokenIssuer,
    attempts: Attempts,
) -> views.TokensView | PasskeyRefused:
    """Begin a session with what the device has signed (`credential.toJSON()`); no password and no code is asked."""
    answer = body.credential.model_dump(by_alias=True)
    result = await passkeys.sign_in(tx, body.tenant, answer, party, issuer, attempts.device(request))
    return result if isinstance(result, PasskeyRefused) else views.tokens_view(result)


@routes.get("/me/passkeys", allow=ENROLLERS)
async def list_passkeys(read: Read, caller: Caller, kms: KeyManagement) -> Listing[views.PasskeyView]:
    """List the caller's passkeys, oldest first."""
    found = await passkeys.of_subject(read, caller.tenant, UUID(caller.subject), kms)
    return Listing(items=[views.passkey_view(passkey) for passkey in found])


@routes.get("/me/passkeys/{passkey}", allow=ENROLLERS)
async def view_passkey(read: Read, caller: Caller, passkey: UUID, kms: KeyManagement) -> views.PasskeyView:
    """Show one passkey of the caller's."""
    return views.passkey_view(await passkeys.find(read, caller.tenant, UUID(caller.subject), passkey, kms))


@routes.post("/me/passkeys/options", allow=ENROLLERS, limit=SignInRate)
async def begin_registration(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.PasskeyBeginning,
    attempts: Attempts,
    kms: KeyManagement,
    party: RelyingParty,
    workcenter: Workcenter,
) -> views.OptionsView:
    """Return options for `navigator.credentials.create()`, for the password, and a code where one is needed.

    The passkey will belong to the domain of the shop whose page this is, unless that lies within our own.
    """
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        here = await authorizing.party_at(tx, caller.claims.get("client_id"), body.origin, party, workcenter)
        options = await passkeys.begin(tx, attempt, body.code, kms, here)
    return views.OptionsView(public_key=accepted(options))


@routes.post("/me/passkeys", allow=ENROLLERS, creates=view_passkey, limit=SignInRate, body_limit=ANSWER_LIMIT)
async def register(
    tx: Tx,
    caller: Caller,
    request: web.Request,
    body: bodies.NewPasskey,
    kms: KeyManagement,
    party: RelyingParty,
    workcenter: Workcenter,
) -> UUID | PasskeyUnfit:
    """Add the passkey that the device has made (`credential.toJSON()`)."""
    answer = body.credential.model_dump(by_alias=True)
    here = await authorizing.party_at(tx, caller.claims.get("client_id"), body.origin, party, workcenter)
    subject_id, device = UUID(caller.subject), await device_in(tx, request, caller)
    return await passkeys.register(tx, caller.tenant, subject_id, body.name, answer, here, kms, device)


@routes.put("/me/passkeys/{passkey}", allow=EVERYBODY)
async def rename(
    tx: Tx, caller: Caller, passkey: UUID, body: bodies.PasskeyName, kms: KeyManagement
) -> views.PasskeyView:
    """Rename a passkey."""
    subject_id = UUID(caller.subject)
    await passkeys.rename(tx, caller.tenant, subject_id, passkey, body.name)
    return views.passkey_view(await passkeys.find(tx, caller.tenant, subject_id, passkey, kms))


@routes.post("/me/passkeys/{passkey}/removal", allow=EVERYBODY, limit=SignInRate)
async def remove(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    passkey: UUID,
    body: bodies.Reauthentication,
    attempts: Attempts,
    kms: KeyManagement,
) -> None:
    """Remove a passkey, for the password, and a code where one is needed; all sessions end, for it may be lost."""
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await passkeys.remove(tx, attempt, body.code, passkey, kms)
    accepted(result)
