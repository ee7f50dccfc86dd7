"""Enrolling the second factor that staff must have."""

from dataclasses import replace
from typing import Annotated

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML
from pages.visit import new_visitor
from pydantic import Field

from pages import authorization, forms, recovery_file
from workcenter.web.desk import FORM, Desk, Note, noted, session_of

routes = Routes()
PAGE = "/second-factor"
REFUSED = (401, 403, 409, 422, 429)


class Enrol(forms.Form):
    """Nothing at first; then a first code of the app, beside what the app was shown."""

    code: Annotated[str, Field(max_length=40, repr=False)] = ""
    secret: Annotated[str, Field(max_length=200, repr=False)] = ""
    uri: Annotated[str, Field(max_length=1000, repr=False)] = ""
    qr: Annotated[str, Field(max_length=60_000, repr=False)] = ""


@routes.get(PAGE, also={200: HTML})
async def view(read: Read, begin: Begin, request: web.Request, desk: Desk, note: Note = "") -> web.Response:
    """How to enrol an authenticator app; one has signed in just now."""
    visit = await desk.receive(read, begin, request)
    known = await desk.upstream.get(visit, "accounts", "/me/second-factor")
    return desk.page(visit, "second-factor.html", known=known, device=None, codes=None, refusal="", note=note)


@routes.post(PAGE, takes=FORM, also={200: HTML, 401: HTML, 403: HTML, 409: HTML, 422: HTML, 429: HTML})
async def enrol(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Show the app's secret to whoever has just signed in; with a first code it counts, and a new session begins."""
    visit = await desk.receive(read, begin, request)
    sent = await forms.read(request, visit, Enrol, secret=frozenset(Enrol.model_fields))
    known = {"enrolled": False}
    form = sent.model or Enrol()
    device = {"secret": form.secret, "uri": form.uri, "qr": form.qr} if form.secret else None
    try:
        if not form.code:
            device = await desk.upstream.post(visit, "accounts", "/me/second-factor", {})
            return desk.page(visit, "second-factor.html", known=known, device=device, codes=None, refusal="")
        done = await desk.upstream.post(visit, "accounts", "/me/second-factor/confirmation", {"code": form.code})
    except Problem as refused:
        authorization.once_more(refused, noted(PAGE, f"done-{authorization.AGAIN}"))
        if refused.status not in REFUSED:
            raise
        return desk.page(
            visit,
            "second-factor.html",
            status=refused.status,
            known=known,
            device=device,
            codes=None,
            refusal=refused.kind,
        )
    visitor = new_visitor()
    await desk.site.sessions.begin(begin, visitor, session_of(visit).tenant, done["tokens"], visit)
    after = replace(visit, visitor=visitor, session=None)
    response = desk.page(
        after, "second-factor.html", known=known, device=None, codes=done["recovery_codes"], refusal=""
    )
    desk.site.greet(response, visitor)
    return response


@routes.post(f"{PAGE}/recovery-codes", takes=FORM, also={200: "text/plain", 303: None})
async def codes_file(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Return the codes that the page has just shown as a file, if they count; they are kept nowhere in clear."""
    visit = await desk.receive(read, begin, request)
    codes = await recovery_file.sent_codes(request, visit)
    path = "/me/second-factor/recovery-codes/current"
    await desk.upstream.post(visit, "accounts", path, {"recovery_codes": codes})
    return recovery_file.answer(desk.site.words[visit.language], "Work Center", codes)
