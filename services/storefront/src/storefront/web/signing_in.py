"""Registering, signing in and out, and the language."""

from typing import Annotated, Literal
from urllib.parse import quote
from uuid import uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import LANGUAGE, new_visitor
from pydantic import Field

from pages import forms
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
SECRET = frozenset({"password"})
After = Annotated[str, Field(max_length=2000)]


class SignIn(forms.Form):
    """E-mail address, password, and a code where there is a second factor."""

    email: Annotated[str, Field(min_length=1, max_length=254, repr=False)]
    password: Annotated[str, Field(min_length=1, max_length=1024, repr=False)]
    code: Annotated[str, Field(max_length=40, repr=False)] = ""
    after: After = "/account"


class Register(forms.Form):
    """A new customer."""

    name: Annotated[str, Field(min_length=1, max_length=120, repr=False)]
    email: Annotated[str, Field(min_length=3, max_length=254, repr=False)]
    password: Annotated[str, Field(min_length=12, max_length=1024, repr=False)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    keep: Literal["keep", "delete"]
    after: After = "/account"


class Speak(forms.Form):
    """A language to read."""

    language: Literal["de", "en"]
    after: After = "/"


@routes.get("/sign-in", also={200: HTML})
async def view_sign_in(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account"
) -> web.Response:
    """The form for signing in."""
    call = await front.receive(read, begin, request)
    return _sign_in_page(front, call, after)


@routes.post("/sign-in", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML})
async def sign_in(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Sign in."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, SignIn, secret=SECRET)
    after = sent.typed.get("after", "/account")
    if sent.model is None:
        return _sign_in_page(front, call, after, sent, status=422)
    form = sent.model
    body = {"tenant": call.shop.tenant, "email": form.email, "password": form.password}
    try:
        tokens = await front.upstream.post(
            call.visit, "accounts", "/sign-in", body | ({"code": form.code} if form.code else {})
        )
    except Problem as refused:
        if refused.status not in (401, 403, 422, 429):
            raise
        return _sign_in_page(front, call, after, sent, status=refused.status, refusal=refused.kind)
    return await begun(front, begin, call, tokens, form.after)


@routes.get("/register", also={200: HTML})
async def view_register(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account"
) -> web.Response:
    """The form for opening an account."""
    call = await front.receive(read, begin, request)
    return front.page(call, "register.html", sent=None, after=after, refusal="")


@routes.post("/register", takes=FORM, also={200: HTML, 303: None, 409: HTML, 422: HTML})
async def register(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Open an account and sign in."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Register, secret=SECRET)
    after = sent.typed.get("after", "/account")
    if sent.model is None:
        return front.page(call, "register.html", status=422, sent=sent, after=after, refusal="")
    form = sent.model
    body = {
        "tenant": call.shop.tenant,
        "email": form.email,
        "password": form.password,
        "name": form.name,
        "market": form.country,
        "language": call.visit.language,
        "keep_data": form.keep == "keep",
    }
    try:
        await front.upstream.post(call.visit, "accounts", "/customers", body, key=str(uuid4()))
    except Problem as refused:
        if refused.status not in (409, 422, 429):
            raise
        faults = forms.refused(refused, {"market": "country"}) or _fault_of(refused.kind)
        again = sent.refused(faults)
        return front.page(call, "register.html", status=refused.status, sent=again, after=after, refusal=refused.kind)
    body = {"tenant": call.shop.tenant, "email": form.email, "password": form.password}
    tokens = await front.upstream.post(call.visit, "accounts", "/sign-in", body)
    return await begun(front, begin, call, tokens, form.after)


@routes.post("/sign-out", takes=FORM, also={303: None})
async def sign_out(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """End the session."""
    call = await front.receive(read, begin, request)
    await forms.fields(request, call.visit)
    if call.visit.session is not None:
        await front.site.sessions.end(begin, call.visit)
    response = see("/")
    front.site.greet(response, new_visitor())
    return response


@routes.post("/language", takes=FORM, also={303: None})
async def speak(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Choose the language of the pages."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Speak)
    response = see(sent.model.after if sent.model else "/")
    if sent.model is not None:
        front.site.keep(response, LANGUAGE, sent.model.language)
    return response


async def begun(front: Front, begin: Begin, call: Call, tokens: dict[str, object], after: str) -> web.Response:
    """Begin a session with these tokens, and lead on: first of all to the code that confirms the address."""
    visitor = new_visitor()
    await front.site.sessions.begin(begin, visitor, call.shop.tenant, tokens, call.visit)
    response = see(f"/confirm?after={quote(after, safe='/')}" if tokens["must_confirm"] else after)
    front.site.greet(response, visitor)
    return response


def _sign_in_page(
    front: Front,
    call: Call,
    after: str,
    sent: forms.Sent[SignIn] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
) -> web.Response:
    needs_code = refusal in ("second-factor-needed", "second-factor-refused")
    return front.page(
        call, "sign-in.html", status=status, sent=sent, after=after, refusal=refusal, needs_code=needs_code
    )


def _fault_of(kind: str) -> dict[str, str]:
    known = {"email-taken": {"email": "taken"}, "password-guessable": {"password": "guessable"}}
    return known.get(kind, {"": kind})
