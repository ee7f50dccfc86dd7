"""The page on which somebody who was invited to an organisation opens an account and joins, in one go."""

from typing import Annotated, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML
from pydantic import Field

from accounts.domain import guessing
from accounts.domain.organisation import InvitationUnknown
from accounts.domain.people import EmailTaken, PasswordGuessable, TooManyRegistrations
from accounts.usecases import authorizing, guests, inviting, registering
from accounts.usecases.confirming import AddressConfirmation
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.web import bodies
from accounts.web.authorization_pages import FORM, Packed
from accounts.web.authorization_registering import NewPassword, refuse_staff
from accounts.web.reception import Call, Reception, lead_back
from pages import forms

routes = Routes()
Code = Annotated[str, Field(max_length=64)]
SECRET = frozenset({"password"})
READ = AddressConfirmation(required=False)  # who has the code of the letter reads the address


class Join(forms.Form):
    """A new customer, whose address the letter was mailed to."""

    invitation: Annotated[Code, Field(repr=False)] = ""
    name: Annotated[bodies.Name, Field(repr=False)]
    password: NewPassword
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    keep: Literal["keep", "delete"]


@routes.get("/authorize/joining", also={200: HTML})
async def view_joining(
    read: Read, http: web.Request, reception: Reception, kms: KeyManagement, request: Packed = "", invitation: Code = ""
) -> web.Response:
    """What one is invited to, and the form for opening an account."""
    call = await reception.receive(read, http, request)
    refuse_staff(call)
    reception.count(http, reception.sign_ins)
    return await _page(read, reception, call, kms, invitation)


@routes.post("/authorize/joining", takes=FORM, also={200: HTML, 303: None, 409: HTML, 422: HTML, 429: HTML})
async def join(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    passwords: Passwords,
    kms: KeyManagement,
    limits: registering.RegistrationsPerDay,
    request: Packed = "",
) -> web.Response:
    """Open an account with the address of the letter, which counts as confirmed, be a member, and go back signed in."""
    call = await reception.receive(read, http, request)
    refuse_staff(call)
    sent = await forms.read(http, call.visit, Join, secret=SECRET)
    reception.count(http, reception.registrations)
    form = sent.model
    if form is None:
        code = sent.typed.get("invitation", "")[:64]
        return await _page(read, reception, call, kms, code, sent, status=422)
    try:
        guest = await guests.welcome(read, call.client.tenant, form.invitation, kms)
        guessing.refuse_guessable(form.password, form.name, guest.email)
    except InvitationUnknown:
        return await _page(read, reception, call, kms, form.invitation, sent, status=409)
    except PasswordGuessable:
        again = sent.refused({"password": "guessable"})
        return await _page(read, reception, call, kms, form.invitation, again, status=422)
    new = registering.Registration(
        tenant=call.client.tenant,
        email=guest.email,
        password_hash=await passwords.hash(form.password),
        name=form.name,
        market=form.country,
        language=call.visit.language,
        keep_data=form.keep == "keep",
    )
    try:
        async with begin() as tx:
            made = await registering.register(tx, new, reception.attempts.network(http), kms, limits, READ)
            given = made
            if not isinstance(made, EmailTaken):
                await inviting.accept(tx, new.tenant, made, form.invitation)
                given = await authorizing.by_registration(
                    tx, made, call.client, call.asked, reception.attempts.device(http), kms
                )
    except TooManyRegistrations:
        return await _page(
            read, reception, call, kms, form.invitation, sent, status=429, refusal="too-many-registrations"
        )
    except InvitationUnknown:
        return await _page(read, reception, call, kms, form.invitation, sent, status=409)
    if isinstance(given, str):
        return lead_back(call, code=given)
    return await _page(read, reception, call, kms, form.invitation, sent, status=409)


async def _page(
    read: Read,
    reception: Reception,
    call: Call,
    kms: KeyManagement,
    code: str,
    sent: forms.Sent[Join] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
) -> web.Response:
    try:
        guest = await guests.welcome(read, call.client.tenant, code, kms)
    except InvitationUnknown:
        return reception.page(call, "joining-over.html", status=status if status != 200 else 404)
    return reception.page(call, "joining.html", status=status, sent=sent, guest=guest, code=code, refusal=refusal)
