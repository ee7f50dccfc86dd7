"""Signing in and out, and the language."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import LANGUAGE, Session, Visit, new_visitor
from pydantic import Field

from pages import forms
from workcenter.domain.roles import is_staff
from workcenter.web.desk import FORM, Desk, Note

routes = Routes()
SECRET = frozenset({"password"})
After = Annotated[str, Field(max_length=2000)]
CODE_ASKED = ("second-factor-needed", "second-factor-refused")


class SignIn(forms.Form):
    """Whose staff, who, and a code where there is a second factor."""

    tenant: Annotated[str, Field(max_length=64)] = ""
    email: Annotated[str, Field(min_length=1, max_length=254, repr=False)]
    password: Annotated[str, Field(min_length=1, max_length=1024, repr=False)]
    code: Annotated[str, Field(max_length=40, repr=False)] = ""
    after: After = "/"


class Speak(forms.Form):
    """A language to read."""

    language: Literal["de", "en"]
    after: After = "/"


@routes.get("/sign-in", also={200: HTML})
async def view_sign_in(
    read: Read, begin: Begin, request: web.Request, desk: Desk, after: After = "/", note: Note = ""
) -> web.Response:
    """The form for signing in."""
    return _page(desk, await desk.site.visit(read, begin, request), after, note=note)


@routes.post("/sign-in", takes=FORM, also={200: HTML, 303: None, 401: HTML, 403: HTML, 422: HTML, 429: HTML})
async def sign_in(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Sign in; customers are refused, for nothing here is theirs."""
    visit = await desk.site.visit(read, begin, request)
    sent = await forms.read(request, visit, SignIn, secret=SECRET)
    after = sent.typed.get("after", "/")
    form = sent.model
    if form is None:
        return _page(desk, visit, after, sent, status=422)
    tenant = desk.tenant or form.tenant
    body = {"tenant": tenant, "email": form.email, "password": form.password}
    try:
        tokens = await desk.upstream.post(
            visit, "accounts", "/sign-in", body | ({"code": form.code} if form.code else {})
        )
    except Problem as refused:
        if refused.status not in (401, 403, 422, 429):
            raise
        return _page(desk, visit, after, sent, status=refused.status, refusal=refused.kind)
    if not tokens["must_enrol"] and not await _works_here(desk, visit, tenant, tokens):
        await desk.upstream.post(visit, "accounts", "/sign-out", {"refresh_token": tokens["refresh_token"]})
        return _page(desk, visit, after, sent, status=403, refusal="not-staff")
    return await begun(desk, begin, visit, tenant, tokens, form.after)


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


async def begun(
    desk: Desk, begin: Begin, visit: Visit, tenant: str, tokens: dict[str, Any], after: str
) -> web.Response:
    """Begin a session with these tokens, under a cookie that nobody had before."""
    visitor = new_visitor()
    await desk.site.sessions.begin(begin, visitor, tenant, tokens, visit)
    response = see(after)
    desk.site.greet(response, visitor)
    return response


async def _works_here(desk: Desk, visit: Visit, tenant: str, tokens: dict[str, Any]) -> bool:
    session = Session(tenant, tokens["subject"], "", (), tokens["access_token"])
    me = await desk.upstream.get(replace(visit, session=session), "accounts", "/me")
    return is_staff(me["roles"])


def _page(
    desk: Desk,
    visit: Visit,
    after: str,
    sent: forms.Sent[SignIn] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
    note: str = "",
) -> web.Response:
    return desk.page(
        replace(visit, session=None),
        "sign-in.html",
        status=status,
        sent=sent,
        after=after,
        refusal=refusal,
        needs_code=refusal in CODE_ASKED,
        asks_tenant=not desk.tenant,
        note=note,
    )
