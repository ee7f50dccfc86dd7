"""The page on which somebody who is to work for a tenant chooses a password, by the invitation that was mailed."""

from typing import Annotated

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pydantic import Field

from accounts.domain import guessing
from accounts.domain.people import PasswordGuessable
from accounts.usecases import staffing
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.web.authorization_pages import FORM, Packed
from accounts.web.authorization_registering import NewPassword
from accounts.web.reception import Call, Reception, at
from pages import forms

routes = Routes()
SECRET = frozenset({"invitation", "password"})


class Accept(forms.Form):
    """The invitation as it was mailed, and the password that signs in from now on."""

    invitation: Annotated[str, Field(min_length=1, max_length=200, repr=False)]
    password: NewPassword


@routes.get("/authorize/invitation", also={200: HTML})
async def view_invitation(read: Read, http: web.Request, reception: Reception, request: Packed = "") -> web.Response:
    """The form for an invitation; it is typed or pasted, for addresses are kept by others."""
    return _page(reception, await reception.receive(read, http, request))


@routes.post("/authorize/invitation", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def accept_on_page(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    passwords: Passwords,
    kms: KeyManagement,
    request: Packed = "",
) -> web.Response:
    """Choose the password, and sign in with it; an invitation counts once, within 3 days."""
    call = await reception.receive(read, http, request)
    sent = await forms.read(http, call.visit, Accept, secret=SECRET)
    form = sent.model
    if form is None:
        return _page(reception, call, sent, status=422)
    reception.count(http, reception.sign_ins)
    try:
        guessing.refuse_guessable(form.password)
    except PasswordGuessable:
        return _page(reception, call, sent.refused({"password": "guessable"}), status=422)
    password_hash = await passwords.hash(form.password)
    device = reception.attempts.device(http)
    async with begin() as tx:
        refused = await staffing.accept(tx, form.invitation, password_hash, device, kms, call.client.tenant)
    if refused is not None:
        return _page(reception, call, sent, status=401, refused=True)
    return see(at("sign-in", call, done="password-changed"))


def _page(
    reception: Reception,
    call: Call,
    sent: forms.Sent[Accept] | None = None,
    *,
    status: int = 200,
    refused: bool = False,
) -> web.Response:
    return reception.page(call, "invitation.html", status=status, sent=sent, refused=refused)
