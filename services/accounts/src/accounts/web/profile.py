"""What people see, choose and change about themselves."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller
from chassis.web import Listing, Routes

from accounts.domain import guessing
from accounts.domain.people import CONFIRMING, CUSTOMER_ROLE, EVERYBODY
from accounts.usecases import passkeys, profiles
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.web import bodies, views
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import SignInRate

routes = Routes()


@routes.get("/me", allow=(*EVERYBODY, CONFIRMING))
async def me(read: Read, caller: Caller, kms: KeyManagement) -> views.MeView:
    """Show what is known of the caller (M25)."""
    subject_id, roles = UUID(caller.subject), sorted(caller.roles)
    if caller.is_staff:
        name, email = await profiles.of_staff(read, caller.tenant, subject_id, kms)
        return views.MeView(subject=subject_id, tenant=caller.tenant, roles=roles, name=name, email=email)
    profile = await profiles.of_customer(read, caller.tenant, subject_id, kms)
    return views.MeView(
        subject=subject_id,
        tenant=caller.tenant,
        roles=roles,
        name=profile.name,
        email=profile.email,
        market=profile.customer.market,
        language=profile.customer.language,
        registered_at=profile.customer.registered_at,
        keep_data=profile.customer.keep_data,
        deletion_asked_at=profile.customer.deletion_asked_at,
    )


@routes.put("/me/choice", allow=CUSTOMER_ROLE, limit=SignInRate)
async def choose(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.PrivacyChoice,
    attempts: Attempts,
    kms: KeyManagement,
) -> views.ChoiceView:
    """Keep data for later purchases, or have it deleted right after the order (M26).

    It asks for the password, and a code where there is a second factor, for it may delete at once.
    """
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await profiles.choose(tx, attempt, UUID(caller.subject), body.code, kms, keep_data=body.keep_data)
    return views.ChoiceView.model_validate(accepted(result), from_attributes=True)


@routes.post("/me/deletion", allow=CUSTOMER_ROLE, limit=SignInRate)
async def ask_deletion(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.Reauthentication,
    attempts: Attempts,
    kms: KeyManagement,
) -> views.ChoiceView:
    """Delete the account as soon as all orders are closed, at once where there are none (ORD-2).

    It asks for the password, and a code where there is a second factor, for nothing brings an account back.
    """
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await profiles.ask_deletion(tx, attempt, UUID(caller.subject), body.code, kms)
    return views.ChoiceView.model_validate(accepted(result), from_attributes=True)


@routes.put("/me/password", allow=EVERYBODY, limit=SignInRate)
async def change_password(
    begin: Begin,
    read: Read,
    caller: Caller,
    request: web.Request,
    body: bodies.PasswordChange,
    attempts: Attempts,
    passwords: Passwords,
    kms: KeyManagement,
) -> Listing[views.PasskeyView]:
    """Replace the password and end all sessions; guesses at the current one are counted like sign-ins.

    The answer names the passkeys, for they go on to sign in: whoever fears that one is a thief's removes it.
    """
    subject_id = UUID(caller.subject)
    known = await profiles.name_and_email(read, caller.tenant, subject_id, caller.roles, kms)
    guessing.refuse_guessable(body.new, *known)
    attempt = await attempts.to_reauthenticate(begin, request, caller, body.current)
    new_hash = await passwords.hash(body.new) if attempt.password_right else None
    async with begin() as tx:
        result = await profiles.change_password(tx, attempt, subject_id, new_hash, kms)
    accepted(result)
    found = await passkeys.of_subject(read, caller.tenant, subject_id, kms)
    return Listing(items=[views.passkey_view(passkey) for passkey in found])
