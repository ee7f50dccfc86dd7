"""The pages on which somebody opens an account for a shop, or chooses another password than the forgotten one."""

from collections.abc import Mapping
from typing import Annotated, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, not_found
from contracts.emails import EmailAddress, EmailMalformed
from pages.site import HTML, see
from pydantic import Field

from accounts.domain import guessing
from accounts.domain.people import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    EmailTaken,
    PasswordGuessable,
    TooManyRegistrations,
)
from accounts.usecases import authorizing, registering, resetting
from accounts.usecases.confirming import AddressConfirmation
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.web import bodies
from accounts.web.authorization_pages import FORM, SECRET, Carried, Packed, carried
from accounts.web.reception import Call, Reception, at, lead_back
from pages import forms

routes = Routes()
Email = Annotated[str, Field(min_length=3, max_length=254, repr=False)]
NewPassword = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD, repr=False)]


class Register(forms.Form):
    """A new customer."""

    name: Annotated[bodies.Name, Field(repr=False)]
    email: Email
    password: NewPassword
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    keep: Literal["keep", "delete"]


class Forgotten(forms.Form):
    """Whose password was forgotten."""

    email: Email


class Reset(forms.Form):
    """The code that was mailed, and another password."""

    code: Annotated[str, Field(min_length=1, max_length=64, repr=False)]
    password: NewPassword


@routes.get("/authorize/register", also={200: HTML})
async def view_register(read: Read, http: web.Request, reception: Reception, request: Packed = "") -> web.Response:
    """The form for opening an account."""
    call = await reception.receive(read, http, request)
    refuse_staff(call)
    return _register_page(reception, call)


@routes.post("/authorize/register", takes=FORM, also={200: HTML, 303: None, 409: HTML, 422: HTML, 429: HTML})
async def register_for_shop(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    passwords: Passwords,
    kms: KeyManagement,
    limits: registering.RegistrationsPerDay,
    confirmation: AddressConfirmation,
    request: Packed = "",
) -> web.Response:
    """Open an account, and go back to the shop signed in."""
    call = await reception.receive(read, http, request)
    refuse_staff(call)
    found = await forms.fields(http, call.visit)
    if (begun := carried(found)) is not None:
        return _register_page(reception, call, begun)
    sent = forms.understood(found, Register, secret=SECRET)
    if sent.model is not None:
        reception.count(http, reception.registrations)
    sent = _all_faults(found, sent)
    form = sent.model
    if form is None:
        return _register_page(reception, call, sent, status=422)
    email = EmailAddress.read(form.email).written
    new = registering.Registration(
        tenant=call.client.tenant,
        email=email,
        password_hash=await passwords.hash(form.password, await registering.salt(read, call.client.tenant, email, kms)),
        name=form.name,
        market=form.country,
        language=call.visit.language,
        keep_data=form.keep == "keep",
    )
    network = reception.attempts.network(http)
    try:
        async with begin() as tx:
            made = await registering.register(tx, new, network, kms, limits, confirmation)
            given = made
            if not isinstance(made, EmailTaken):
                given = await authorizing.by_registration(
                    tx, made, call.client, call.asked, reception.attempts.device(http), kms
                )
    except TooManyRegistrations:
        return _register_page(reception, call, sent, status=429, refusal="too-many-registrations")
    if isinstance(given, str):
        return lead_back(call, code=given)
    return _register_page(reception, call, sent.refused({"email": "taken"}), status=409)


@routes.get("/authorize/forgotten", also={200: HTML})
async def view_forgotten(read: Read, http: web.Request, reception: Reception, request: Packed = "") -> web.Response:
    """The form that asks for a code."""
    return reception.page(await reception.receive(read, http, request), "forgotten.html", sent=None)


@routes.post("/authorize/forgotten", takes=FORM, also={200: HTML, 303: None, 422: HTML, 429: HTML})
async def forgotten(
    read: Read, begin: Begin, http: web.Request, reception: Reception, kms: KeyManagement, request: Packed = ""
) -> web.Response:
    """Have a code mailed; whether there is such an account is shown to nobody."""
    call = await reception.receive(read, http, request)
    found = await forms.fields(http, call.visit)
    if (begun := carried(found)) is not None:
        return reception.page(call, "forgotten.html", sent=begun)
    sent = forms.understood(found, Forgotten)
    if sent.model is None:
        return reception.page(call, "forgotten.html", status=422, sent=sent)
    reception.count(http, reception.sign_ins)
    try:
        async with begin() as tx:
            await resetting.request(tx, call.client.tenant, sent.model.email, kms)
    except EmailMalformed:
        return reception.page(call, "forgotten.html", status=422, sent=sent.refused({"email": "email"}))
    return see(at("forgotten/code", call))


@routes.get("/authorize/forgotten/code", also={200: HTML})
async def view_code(read: Read, http: web.Request, reception: Reception, request: Packed = "") -> web.Response:
    """The form for the code and another password."""
    return reception.page(await reception.receive(read, http, request), "new-password.html", sent=None, refused=False)


@routes.post("/authorize/forgotten/code", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def choose_password(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    passwords: Passwords,
    kms: KeyManagement,
    request: Packed = "",
) -> web.Response:
    """Choose another password, and sign in with it."""
    call = await reception.receive(read, http, request)
    sent = await forms.read(http, call.visit, Reset, secret=SECRET)
    if sent.model is None:
        return reception.page(call, "new-password.html", status=422, sent=sent, refused=False)
    reception.count(http, reception.sign_ins)
    try:
        guessing.refuse_guessable(sent.model.password)
    except PasswordGuessable:
        again = sent.refused({"password": "guessable"})
        return reception.page(call, "new-password.html", status=422, sent=again, refused=False)
    password_hash = await passwords.hash(sent.model.password)
    async with begin() as tx:
        refused = await resetting.confirm(
            tx, call.client.tenant, sent.model.code, password_hash, reception.attempts.device(http), kms
        )
    if refused is not None:
        return reception.page(call, "new-password.html", status=401, sent=sent, refused=True)
    return see(at("sign-in", call, done="password-changed"))


def refuse_staff(call: Call) -> None:
    """Raise Problem where nobody opens an account, for staff are invited."""
    if call.client.staff:
        raise not_found()


def _all_faults(found: Mapping[str, list[str]], sent: forms.Sent[Register]) -> forms.Sent[Register]:
    """Return the form with everything that is wrong in it at once, in the order of its fields."""
    faults = dict(sent.faults)
    name, email, password = (found.get(field, [""])[0].strip() for field in ("name", "email", "password"))
    if not name:
        faults["name"] = "missing"
    if not email:
        faults["email"] = "missing"
    elif "email" not in faults or faults["email"] == "string_too_short":
        try:
            faults.pop("email", None)
            EmailAddress.read(email)
        except EmailMalformed:
            faults["email"] = "email"
    if "password" not in faults:
        try:
            guessing.refuse_guessable(password, name, *([] if "email" in faults else [email]))
        except PasswordGuessable:
            faults["password"] = "guessable"  # noqa: S105 -- the rule that it breaks
    return (
        sent.refused({field: faults[field] for field in Register.model_fields if field in faults}) if faults else sent
    )


def _register_page(
    reception: Reception,
    call: Call,
    sent: forms.Sent[Register] | forms.Sent[Carried] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
) -> web.Response:
    return reception.page(call, "register.html", status=status, sent=sent, refusal=refusal)
