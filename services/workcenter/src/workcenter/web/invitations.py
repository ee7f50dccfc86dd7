"""Accepting an invitation: whoever is to work here chooses a password."""

from typing import Annotated

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms
from workcenter.web.desk import FORM, Desk

routes = Routes()
SECRET = frozenset({"password", "invitation"})
FAULTS = {"invitation-refused": {"invitation": "refused"}, "password-guessable": {"password": "guessable"}}


class Accept(forms.Form):
    """The invitation as it was handed on, and the password that signs in from now on."""

    invitation: Annotated[str, Field(min_length=1, max_length=200, repr=False)]
    password: Annotated[str, Field(min_length=12, max_length=1024, repr=False)]


@routes.get("/invitation", also={200: HTML})
async def view(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """The form for accepting an invitation; the invitation is typed or pasted, for addresses are kept by others."""
    return _page(desk, await desk.site.visit(read, begin, request))


@routes.post("/invitation", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def accept(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Choose the password; then one signs in."""
    visit = await desk.site.visit(read, begin, request)
    sent = await forms.read(request, visit, Accept, secret=SECRET)
    if sent.model is None:
        return _page(desk, visit, sent, status=422)
    body = {"invitation": sent.model.invitation, "password": sent.model.password}
    try:
        await desk.upstream.post(visit, "accounts", "/invitation", body)
    except Problem as refused:
        if refused.status not in (401, 422, 429):
            raise
        faults = FAULTS.get(refused.kind) or forms.refused(refused, {}) or {"invitation": refused.kind}
        return _page(desk, visit, sent.refused(faults), status=refused.status)
    return see("/sign-in?note=done-invited")


def _page(desk: Desk, visit: Visit, sent: forms.Sent[Accept] | None = None, *, status: int = 200) -> web.Response:
    return desk.page(visit, "invitation.html", status=status, sent=sent)
