"""Signing in and out, registering, and the language: accounts asks who somebody is, and shops see no password."""

from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import see
from pages.visit import LANGUAGE, new_visitor
from pydantic import Field

from pages import forms
from storefront.web.asking import Asking
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
After = Annotated[str, Field(max_length=2000)]
Text = Annotated[str, Field(max_length=4000)]
BACK = "/signed-in"


class Speak(forms.Form):
    """A language to read."""

    language: Literal["de", "en"]
    after: After = "/"


@routes.get("/sign-in", also={303: None})
async def sign_in(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    after: After = "/account",
    prompt: Literal["", "login"] = "",
) -> web.Response:
    """Lead to the pages of accounts, where one signs in, and back; with `prompt=login` whoever is signed in, too."""
    call = await front.receive(read, begin, request)
    if call.visit.session is not None and not prompt:
        return see(after)
    return _ask(front, call, Asking.begin(call.visit.visitor, read.now, after), prompt)


@routes.get("/register", also={303: None})
async def register(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account"
) -> web.Response:
    """Lead to the pages of accounts, where one opens an account, and back."""
    call = await front.receive(read, begin, request)
    return _ask(front, call, Asking.begin(call.visit.visitor, read.now, after), "create")


@routes.get("/forgotten", also={303: None})
async def forgotten(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account"
) -> web.Response:
    """Lead to the pages of accounts, where one chooses another password, and back."""
    call = await front.receive(read, begin, request)
    return _ask(front, call, Asking.begin(call.visit.visitor, read.now, after), "forgotten")


@routes.get(BACK, also={303: None})
async def signed_in(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    code: Text = "",
    state: Text = "",
    iss: Text = "",
    error: Text = "",
    error_description: Text = "",
) -> web.Response:
    """Take the answer of accounts: only where this browser has asked, and of whom it has asked (RFC 9207)."""
    call = await front.receive(read, begin, request)
    asking = Asking.found(call.visit.visitor, read.now, state)
    if asking is None or iss != front.accounts_of(call) or error or not code:
        if call.visit.session is not None:
            return see("/account")
        raise _torn()
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": call.shop.id,
        "redirect_uri": call.origin + BACK,
        "code_verifier": asking.verifier,
    }
    try:
        tokens = await front.upstream.send(
            call.visit, "accounts", "POST", "/token", urlencode(asked).encode(), forms.FORM
        )
    except Problem as refused:
        if refused.status != 400:
            raise
        raise _torn() from None
    if call.visit.session is not None:
        await front.site.sessions.end(begin, call.visit)
    return await begun(front, begin, call, tokens, asking.after)


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


async def begun(front: Front, begin: Begin, call: Call, tokens: dict[str, Any], after: str) -> web.Response:
    """Begin a session with these tokens, and lead on: first of all to the code that confirms the address."""
    visitor = new_visitor()
    await front.site.sessions.begin(begin, visitor, call.shop.tenant, tokens, call.visit)
    response = see(f"/confirm?after={quote(after, safe='/')}" if tokens["must_confirm"] else after)
    front.site.greet(response, visitor)
    return response


def _ask(front: Front, call: Call, asking: Asking, prompt: str) -> web.Response:
    asked = {
        "response_type": "code",
        "client_id": call.shop.id,
        "redirect_uri": call.origin + BACK,
        "code_challenge": asking.challenge,
        "code_challenge_method": "S256",
        "state": asking.state,
        "ui_locales": call.visit.language,
    } | ({"prompt": prompt} if prompt else {})
    headers = {"Location": f"{front.accounts_of(call)}/authorize?{urlencode(asked)}", "Cache-Control": "no-store"}
    response = web.Response(status=303, headers=headers)
    if call.visit.fresh:
        front.site.greet(response, call.visit.visitor)
    return response


def _torn() -> Problem:
    return Problem(400, "sign-in-torn", "This browser has not asked to sign in, or too long ago. Sign in once more.")
