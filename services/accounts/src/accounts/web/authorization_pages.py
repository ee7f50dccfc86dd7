"""The pages on which somebody signs in for a shop: with a password, and a code, or with a passkey."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from aiohttp import web
from chassis.db import Begin, Read
from chassis.looks import ink_on
from chassis.web import Routes, not_found
from pages.site import HTML
from pydantic import Field, ValidationError

from accounts.domain.authorization import NotACustomer, NotStaff
from accounts.domain.passkey import PasskeyRefused
from accounts.domain.people import LONGEST_PASSWORD, SignInRefused, Throttled
from accounts.domain.second_factor import SecondFactorNeeded, SecondFactorRefused
from accounts.store import clients, tenants
from accounts.usecases import authorizing, hinting, passkeys, second_steps
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies
from accounts.web.devices import device_of
from accounts.web.reception import Call, Reception, has_passkeys, here, lead_back, step_page
from pages import forms

routes = Routes()
CSS = "text/css"
FORM = (forms.FORM,)
SECRET = frozenset({"password", "code", "credential"})
# the button that leads to another form sends it, so that the address need not be written again
BEGIN = "begin"
Packed = Annotated[str, Field(max_length=8000)]
Client = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Done = Annotated[str, Field(pattern=r"^[a-z-]{0,40}$")]
REFUSALS = {
    SignInRefused: "sign-in-refused",
    SecondFactorNeeded: "second-factor-needed",
    SecondFactorRefused: "second-factor-refused",
    NotACustomer: "not-a-customer",
    NotStaff: "not-staff",
}


class SignIn(forms.Form):
    """E-mail address, password, and a code where there is a second factor."""

    email: Annotated[str, Field(min_length=1, max_length=254, repr=False)]
    password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD, repr=False)]
    code: Annotated[bodies.CodeText | Literal[""], Field(repr=False)] = ""


class Carried(forms.Form):
    """What is written in the form that one leaves for another."""

    email: str = ""


class Signed(forms.Form):
    """What the device has signed, as JSON."""

    credential: Annotated[str, Field(min_length=2, max_length=16_384, repr=False)]


@routes.get("/authorize/sign-in", also={200: HTML})
async def view_sign_in(
    read: Read,
    http: web.Request,
    reception: Reception,
    party: RelyingParty,
    kms: KeyManagement,
    request: Packed = "",
    done: Done = "",
) -> web.Response:
    """The form for signing in; who signs in once more finds their address in it."""
    call = await reception.receive(read, http, request)
    email = await hinting.email_of(read, call.client, call.asked.hint, kms)
    return await sign_in_page(read, reception, call, party, done=done, email=email)


@routes.post("/authorize/sign-in", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def sign_in_for_shop(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    passwords: Passwords,
    kms: KeyManagement,
    issuer: TokenIssuer,
    party: RelyingParty,
    request: Packed = "",
) -> web.Response:
    """Sign in, and go back to the shop; what is wrong is answered alike whether the account exists or not."""
    call = await reception.receive(read, http, request)
    found = await forms.fields(http, call.visit)
    if (begun := carried(found)) is not None:
        return await sign_in_page(read, reception, call, party, begun)
    sent = forms.understood(found, SignIn, secret=SECRET)
    form = sent.model
    if form is None:
        return await sign_in_page(read, reception, call, party, sent, status=422)
    reception.count(http, reception.sign_ins)
    try:
        attempt = await reception.attempts.to_sign_in(begin, http, call.client.tenant, form.email, form.password)
    except Throttled:
        return await sign_in_page(read, reception, call, party, sent, status=429, refusal="throttled")
    outdated = attempt.password_right and passwords.outdated(attempt.password_hash or "")
    new_hash = await passwords.hash(form.password) if outdated else None
    async with begin() as tx:
        result = await authorizing.by_password(
            tx, attempt, form.code or None, new_hash, kms, issuer, call.client, call.asked
        )
        step = None
        if isinstance(result, SecondFactorNeeded | SecondFactorRefused):
            step = await second_steps.begin(tx, attempt, call.client, call.visit.visitor)
    if isinstance(result, str):
        return lead_back(call, code=result)
    refusal = REFUSALS[type(result)]
    if step is not None:
        return step_page(reception, call, step, status=401, refusal=refusal)
    return await sign_in_page(read, reception, call, party, sent, status=401, refusal=refusal)


@routes.get("/authorize/passkey", also={200: HTML})
async def view_device(
    read: Read, begin: Begin, http: web.Request, reception: Reception, party: RelyingParty, request: Packed = ""
) -> web.Response:
    """The page that asks the device."""
    call = await reception.receive(read, http, request)
    reception.count(http, reception.sign_ins)
    return await _device_page(reception, begin, call, party)


@routes.post("/authorize/passkey", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def sign_in_by_device(
    read: Read,
    begin: Begin,
    http: web.Request,
    reception: Reception,
    party: RelyingParty,
    kms: KeyManagement,
    request: Packed = "",
) -> web.Response:
    """Sign in with what the device has signed."""
    call = await reception.receive(read, http, request)
    # what a device signs may hold digits like a card's
    sent = await forms.read(http, call.visit, Signed, secret=SECRET)
    reception.count(http, reception.sign_ins)
    try:
        answer = bodies.Assertion.model_validate_json(sent.model.credential if sent.model else "")
    except ValidationError:
        return await _device_page(reception, begin, call, party, status=422)
    async with begin() as tx:
        signed: dict[str, Any] = answer.model_dump(by_alias=True)
        result = await authorizing.by_passkey(
            tx, signed, here(call, party), call.client, call.asked, device_of(http), kms
        )
    if isinstance(result, str):
        return lead_back(call, code=result)
    refusal = "" if isinstance(result, PasskeyRefused) else REFUSALS[type(result)]
    return await _device_page(reception, begin, call, party, status=401, refusal=refusal)


@routes.get("/clients/{client}/brand.css", also={200: CSS}, kept_seconds=60)
async def brand(read: Read, client: Client) -> web.Response:
    """The colours of a shop."""
    found = await clients.find(read, client)
    if found is None:
        raise not_found()
    color = found.brand.color
    text = f":root {{ --brand: {color}; --on-brand: {ink_on(color)}; }}\n"
    return web.Response(text=text, content_type=CSS)


@routes.get("/assets/{name}", also={200: CSS})
async def asset(name: str, reception: Reception) -> web.Response:
    """A style sheet, a script or a picture; its address changes with it."""
    return reception.site.assets.answer(name)


def carried(found: Mapping[str, list[str]]) -> forms.Sent[Carried] | None:
    """Return what was written on the page from which somebody comes by a button of its form; else None."""
    if BEGIN not in found:
        return None
    return forms.understood({"email": found.get("email", [""])[:1]}, Carried).refused({})


async def sign_in_page(
    read: Read,
    reception: Reception,
    call: Call,
    party: RelyingParty,
    sent: forms.Sent[SignIn] | forms.Sent[Carried] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
    done: str = "",
    email: str = "",
) -> web.Response:
    """Return the page on which one signs in, with what is to be known first; staff is shown for which tenant."""
    house = await tenants.find(read, call.client.tenant) if call.client.staff else None
    if call.client.staff and house is None:
        return reception.page(call, "house-unknown.html", status=404, tenant=call.client.tenant)
    return reception.page(
        call,
        "sign-in.html",
        status=status,
        sent=sent,
        refusal=refusal,
        done=done,
        email=email,
        house=house,
        has_passkeys=has_passkeys(call, party),
    )


async def _device_page(
    reception: Reception, begin: Begin, call: Call, party: RelyingParty, *, status: int = 200, refusal: str = ""
) -> web.Response:
    async with begin() as tx:
        options = await passkeys.begin_sign_in(tx, call.client.tenant, here(call, party))
    text = orjson.dumps(options).decode()
    return reception.page(call, "passkey.html", status=status, options=text, refused=status != 200, refusal=refusal)
