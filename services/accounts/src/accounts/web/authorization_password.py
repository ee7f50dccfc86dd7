"""The page on which somebody who knows their password chooses another one, so that no password passes a shop."""

from typing import Annotated, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from contracts.emails import EmailAddress, EmailMalformed
from pages.site import HTML
from pydantic import Field

from accounts.domain import guessing
from accounts.domain.people import LONGEST_PASSWORD, PasswordGuessable, Throttled
from accounts.domain.second_factor import SecondFactorNeeded, SecondFactorRefused
from accounts.usecases import authorizing, profiles, second_steps, signing_in
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies
from accounts.web.authorization_pages import FORM, REFUSALS, Packed
from accounts.web.authorization_registering import NewPassword
from accounts.web.reception import Call, Reception, lead_back, step_page
from pages import forms

routes = Routes()
SECRET = frozenset({"current", "new", "code"})


class Change(forms.Form):
    """Whose password, that of today, the next, and a code where there is a second factor."""

    email: Annotated[str, Field(min_length=1, max_length=254, repr=False)]
    current: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD, repr=False)]
    new: NewPassword
    code: Annotated[bodies.CodeText | Literal[""], Field(repr=False)] = ""


@routes.get("/authorize/password", also={200: HTML})
async def view_change(read: Read, http: web.Request, reception: Reception, request: Packed = "") -> web.Response:
    """The form for another password."""
    return _page(reception, await reception.receive(read, http, request))


@routes.post("/authorize/password", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def change_for_shop(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    passwords: Passwords,
    kms: KeyManagement,
    issuer: TokenIssuer,
    request: Packed = "",
) -> web.Response:
    """Change it, whereby all sessions end, and go back to the shop signed in with the new one."""
    call = await reception.receive(read, http, request)
    sent = await forms.read(http, call.visit, Change, secret=SECRET)
    form = sent.model
    if form is None:
        return _page(reception, call, sent, status=422)
    reception.count(http, reception.sign_ins)
    tenant = call.client.tenant
    try:
        guessing.refuse_guessable(form.new, EmailAddress.read(form.email).written)
        attempt = await reception.attempts.to_sign_in(begin, http, tenant, form.email, form.current)
    except EmailMalformed:
        return _page(reception, call, sent.refused({"email": "email"}), status=422)
    except PasswordGuessable:
        return _page(reception, call, sent.refused({"new": "guessable"}), status=422)
    except Throttled:
        return _page(reception, call, sent, status=429, refusal="throttled")
    if attempt.password_right and await _names_its_owner(read, call, attempt, form.new, kms):
        async with begin() as tx:
            await signing_in.forgive(tx, attempt)
        return _page(reception, call, sent.refused({"new": "guessable"}), status=422)
    new_hash = await passwords.hash(form.new) if attempt.password_right else ""
    async with begin() as tx:
        result = await authorizing.by_new_password(
            tx, attempt, form.code or None, new_hash, kms, issuer, call.client, call.asked
        )
        step = None
        if isinstance(result, SecondFactorNeeded | SecondFactorRefused):
            step = await second_steps.begin(tx, attempt, call.client, call.visit.visitor, new_hash)
    if isinstance(result, str):
        return lead_back(call, code=result)
    refusal = REFUSALS[type(result)]
    if step is not None:
        return step_page(reception, call, step, status=401, refusal=refusal)
    return _page(reception, call, sent, status=401, refusal=refusal)


async def _names_its_owner(
    read: Read, call: Call, attempt: signing_in.Attempt, password: str, kms: KeyManagement
) -> bool:
    """Return whether a password is made of the name or the address of whoever it is to be of."""
    if attempt.login is None:
        return False
    login = attempt.login
    known = await profiles.name_and_email(read, call.client.tenant, login.subject_id, login.roles, kms)
    try:
        guessing.refuse_guessable(password, *known)
    except PasswordGuessable:
        return True
    return False


def _page(
    reception: Reception,
    call: Call,
    sent: forms.Sent[Change] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
) -> web.Response:
    return reception.page(call, "password.html", status=status, sent=sent, refusal=refusal)
