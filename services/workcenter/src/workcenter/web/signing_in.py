"""Signing in and out, and the language: accounts asks who somebody is, and no password passes the Work Center."""

import re
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pages.visit import LANGUAGE, new_visitor
from pydantic import Field

from pages import authorization, forms
from workcenter.web.desk import FORM, Desk, Note

routes = Routes()
After = Annotated[str, Field(max_length=2000)]
Text = Annotated[str, Field(max_length=4000)]
# what is no name of a tenant is asked for again
Tenant = Annotated[str, Field(max_length=64)]
NAMED = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
TENANT = "tenant"
Prompt = Literal["", "login", "invited", "password"]


class Speak(forms.Form):
    """A language to read."""

    language: Literal["de", "en"]
    after: After = "/"


@routes.get("/sign-in", also={200: HTML, 303: None, 422: HTML})
async def sign_in(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    after: After = "/",
    tenant: Tenant = "",
    prompt: Prompt = "",
    note: Note = "",
) -> web.Response:
    """Lead to the pages of accounts, where one signs in, and back; whose staff somebody is they name first, if need be.

    With a `prompt` whoever is signed in goes there, too: to sign in once more, or for another password.
    """
    visit = await desk.site.visit(read, begin, request)
    if visit.session is not None and not prompt:
        return see(after)
    whose = desk.tenant or tenant.strip().lower() or (visit.session.tenant if visit.session is not None else "")
    if NAMED.fullmatch(whose) is None:
        known = whose or desk.site.kept(request, TENANT)
        status = 422 if whose else 200
        nobody = replace(visit, session=None)
        facts: dict[str, Any] = {"after": after, "prompt": prompt, "tenant": known, "wrong": bool(whose), "note": note}
        return desk.page(nobody, "sign-in.html", status=status, **facts)
    prompt = prompt if visit.session is not None or prompt != "login" else ""
    hint = await authorization.hint_of(desk.upstream, visit)
    purpose = "named" if not desk.tenant and visit.session is None else ""
    client = desk.client(visit, whose)
    response = authorization.lead(desk.site, visit, client, read.now, after, prompt, hint, purpose)
    if not desk.tenant:
        desk.site.keep(response, TENANT, whose)
    return response


@routes.get("/invitation", also={303: None})
async def accept(tenant: Tenant = "") -> web.Response:
    """Lead to the pages of accounts, where whoever was invited chooses a password, and back."""
    return see(f"/sign-in?{urlencode({'prompt': 'invited', 'tenant': tenant})}")


@routes.get(authorization.BACK, also={303: None})
async def signed_in(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    code: Text = "",
    state: Text = "",
    iss: Text = "",
    error: Text = "",
    error_description: Text = "",
) -> web.Response:
    """Take the answer of accounts: only where this browser has asked, and of whom it has asked (RFC 9207)."""
    visit = await desk.site.visit(read, begin, request)
    answer = authorization.Answer(code, state, iss, error)
    found = await authorization.traded(desk.upstream, visit, desk.client(visit), read.now, answer)
    if found is None:
        if visit.session is not None:
            return see("/")
        raise authorization.torn()
    if visit.session is not None:
        await desk.site.sessions.end(begin, visit)
    visitor = new_visitor()
    await desk.site.sessions.begin(begin, visitor, found.client.partition(":")[2], found.tokens, visit)
    response = see(found.after)
    desk.site.greet(response, visitor)
    return response


@routes.post("/sign-out", takes=FORM, also={303: None})
async def sign_out(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """End the session."""
    visit = await desk.site.visit(read, begin, request)
    await forms.fields(request, visit)
    if visit.session is not None:
        await desk.site.sessions.end(begin, visit)
    response = see("/sign-in")
    desk.site.greet(response, new_visitor())
    return response


@routes.post("/language", takes=FORM, also={303: None})
async def speak(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Choose the language of the pages."""
    visit = await desk.site.visit(read, begin, request)
    sent = await forms.read(request, visit, Speak)
    response = see(sent.model.after if sent.model else "/")
    if sent.model is not None:
        desk.site.keep(response, LANGUAGE, sent.model.language)
    return response
