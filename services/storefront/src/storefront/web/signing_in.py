"""Signing in and out, registering, and the language: accounts asks who somebody is, and shops see no password."""

from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.acting import acting_of
from pages.site import see
from pages.visit import LANGUAGE, new_visitor
from pydantic import Field

from pages import authorization, forms
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
After = Annotated[str, Field(max_length=2000)]
Text = Annotated[str, Field(max_length=4000)]


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
    # whose session has ended meanwhile just signs in
    prompt = prompt if call.visit.session is not None else ""
    hint = await authorization.hint_of(front.upstream, call.visit)
    purpose = purpose_of(after, prompt)
    return authorization.lead(front.site, call.visit, front.client(call), read.now, after, prompt, hint, purpose)


@routes.get("/register", also={303: None})
async def register(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account"
) -> web.Response:
    """Lead to the pages of accounts, where one opens an account, and back."""
    call = await front.receive(read, begin, request)
    purpose = purpose_of(after, "create")
    return authorization.lead(front.site, call.visit, front.client(call), read.now, after, "create", purpose=purpose)


@routes.get("/forgotten", also={303: None})
async def forgotten(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account"
) -> web.Response:
    """Lead to the pages of accounts, where one chooses another password, and back."""
    call = await front.receive(read, begin, request)
    return authorization.lead(front.site, call.visit, front.client(call), read.now, after, "forgotten")


@routes.get(authorization.BACK, also={303: None})
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
    answer = authorization.Answer(code, state, iss, error)
    found = await authorization.traded(front.upstream, call.visit, front.client(call), read.now, answer)
    if found is None:
        if call.visit.session is not None:
            return see("/account")
        raise authorization.torn()
    tokens = await _still_acting(front, call, found.tokens)
    if call.visit.session is not None:
        await front.site.sessions.end(begin, call.visit)
    return await begun(front, begin, call, tokens, found.after)


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


def purpose_of(after: str, prompt: str) -> str:
    """Return for what somebody signs in who then goes on to a page: the pages of accounts name it."""
    path = urlsplit(after).path
    if prompt == "login":
        return next((name for name in ("privacy", "security") if path.startswith(f"/account/{name}")), "")
    return "checkout" if path == "/checkout" else ""


async def _still_acting(front: Front, call: Call, tokens: dict[str, Any]) -> dict[str, Any]:
    """Let whoever signs in once more act for whom they acted before; accounts judges anew whether they may."""
    before, acting = call.visit.session, acting_of(call.visit.session)
    if before is None or acting is None or str(tokens["subject"]) != before.subject:
        return tokens
    visit = replace(call.visit, session=replace(before, token=tokens["access_token"]))
    try:
        await front.upstream.put(visit, "accounts", "/me/acting", {"organisation": acting.id})
    except Problem as refused:
        if refused.status not in (403, 404):
            raise
        return tokens
    return await front.upstream.post(visit, "accounts", "/refresh", {"refresh_token": tokens["refresh_token"]})


async def begun(front: Front, begin: Begin, call: Call, tokens: dict[str, Any], after: str) -> web.Response:
    """Begin a session with these tokens, and lead on: first of all to the code that confirms the address."""
    visitor = new_visitor()
    await front.site.sessions.begin(begin, visitor, call.shop.tenant, tokens, call.visit)
    response = see(f"/confirm?after={quote(after, safe='/')}" if tokens["must_confirm"] else after)
    front.site.greet(response, visitor)
    return response
