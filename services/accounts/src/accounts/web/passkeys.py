"""Passkeys: signing in with one, and those of the private area."""

from typing import Any
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.web import Routes

from accounts.domain.passkey import PasskeyRefused, PasskeyUnfit
from accounts.usecases import passkeys
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.signing import Signing
from accounts.web import bodies, views
from accounts.web.limits import Limits
from accounts.web.proof import Proof, refused
from accounts.web.second_factor import ENROLLERS, EVERYBODY

# The longest answer of a device that is admitted has some 10,000 characters.
ANSWER_LIMIT = 16_384


def add(routes: Routes, proof: Proof, party: RelyingParty, signing: Signing, limits: Limits) -> None:
    """The routes of passkeys (ORD-1)."""

    @routes.post("/sign-in/passkey/options", limit=limits.sign_in)
    async def begin_sign_in(tx: Tx, body: bodies.NameTenant) -> views.OptionsView:
        """Options for `navigator.credentials.get()`; the challenge counts once, within 5 minutes."""
        return views.OptionsView(public_key=await passkeys.begin_sign_in(tx, body.tenant, party))

    @routes.post("/sign-in/passkey", limit=limits.sign_in, body_limit=ANSWER_LIMIT)
    async def sign_in(tx: Tx, body: bodies.PasskeySignIn) -> views.TokensView | PasskeyRefused:
        """Begin a session with what the device has signed (`credential.toJSON()`); no password and no code is asked."""
        result = await passkeys.sign_in(tx, body.tenant, _answer(body.credential), party, signing)
        return result if isinstance(result, PasskeyRefused) else views.tokens_view(result)

    @routes.get("/me/passkeys", allow=ENROLLERS)
    async def list_passkeys(tx: Tx, caller: Caller) -> views.PasskeysView:
        """The caller's passkeys, oldest first."""
        found = await passkeys.shown(tx, caller.tenant, UUID(caller.subject), proof.vault)
        return views.PasskeysView(passkeys=[views.passkey_view(passkey) for passkey in found])

    @routes.get("/me/passkeys/{passkey}", allow=ENROLLERS)
    async def view_passkey(tx: Tx, caller: Caller, passkey: UUID) -> views.PasskeyView:
        """One passkey of the caller's."""
        return views.passkey_view(await passkeys.show(tx, caller.tenant, UUID(caller.subject), passkey, proof.vault))

    @routes.post("/me/passkeys/options", allow=ENROLLERS, limit=limits.sign_in)
    async def begin_registration(
        begin: Begin, caller: Caller, request: web.Request, body: bodies.ProveAgain
    ) -> views.OptionsView:
        """Options for `navigator.credentials.create()`, for the password, and a code where there is a second factor."""
        attempt, right = await proof.by_password(begin, caller, request, body.password)
        async with begin() as tx:
            options = await passkeys.begin(
                tx, attempt, body.code, proof.vault, party, right=right, beyond=proof.beyond(caller)
            )
        if isinstance(options, Exception):
            raise refused(options)
        return views.OptionsView(public_key=options)

    @routes.post("/me/passkeys", allow=ENROLLERS, creates=view_passkey, limit=limits.sign_in, body_limit=ANSWER_LIMIT)
    async def register(tx: Tx, caller: Caller, body: bodies.RegisterPasskey) -> UUID | PasskeyUnfit:
        """Keep the passkey that the device has made (`credential.toJSON()`)."""
        return await passkeys.register(
            tx, caller.tenant, UUID(caller.subject), body.name, _answer(body.credential), party
        )

    @routes.put("/me/passkeys/{passkey}", allow=EVERYBODY)
    async def rename(tx: Tx, caller: Caller, passkey: UUID, body: bodies.RenamePasskey) -> views.PasskeyView:
        """Call a passkey otherwise."""
        subject = UUID(caller.subject)
        await passkeys.rename(tx, caller.tenant, subject, passkey, body.name)
        return views.passkey_view(await passkeys.show(tx, caller.tenant, subject, passkey, proof.vault))

    @routes.delete("/me/passkeys/{passkey}", allow=EVERYBODY)
    async def remove(tx: Tx, caller: Caller, passkey: UUID) -> None:
        """Remove a passkey; all sessions end, for it may be lost."""
        await passkeys.remove(tx, caller.tenant, UUID(caller.subject), passkey)


def _answer(credential: bodies.Attestation | bodies.Assertion) -> dict[str, Any]:
    return credential.model_dump(by_alias=True)
