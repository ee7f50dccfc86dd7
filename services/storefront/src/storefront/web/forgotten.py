"""A forgotten password: ask for a code by mail, and choose another one with it."""

from typing import Annotated

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.front import Front

routes = Routes()
FORM = (forms.FORM,)


class Forgotten(forms.Form):
    """Whose password was forgotten."""

    email: Annotated[str, Field(min_length=3, max_length=254, repr=False)]


class Reset(forms.Form):
    """The code that was mailed, and another password."""

    code: Annotated[str, Field(min_length=1, max_length=64, repr=False)]
    password: Annotated[str, Field(min_length=12, max_length=1024, repr=False)]


@routes.get("/forgotten", also={200: HTML})
async def view_forgotten(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The form that asks for a code."""
    return front.page(await front.receive(read, begin, request), "forgotten.html", sent=None)


@routes.post("/forgotten", takes=FORM, also={200: HTML, 303: None, 422: HTML})
async def forgotten(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Have a code mailed; whether there is such an account is shown to nobody."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Forgotten)
    if sent.model is None:
        return front.page(call, "forgotten.html", status=422, sent=sent)
    body = {"tenant": call.shop.tenant, "email": sent.model.email}
    try:
        await front.upstream.post(call.visit, "accounts", "/password-reset", body)
    except Problem as refused:
        if refused.status != 422:
            raise
        again = sent.refused({"email": "email"})
        return front.page(call, "forgotten.html", status=422, sent=again)
    return see("/forgotten/code")


@routes.get("/forgotten/code", also={200: HTML})
async def view_code(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The form for the code and another password."""
    return front.page(await front.receive(read, begin, request), "new-password.html", sent=None, refusal="")


@routes.post("/forgotten/code", takes=FORM, also={200: HTML, 303: None, 401: HTML, 422: HTML})
async def choose(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Choose another password."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Reset, secret=frozenset({"password", "code"}))
    if sent.model is None:
        return front.page(call, "new-password.html", status=422, sent=sent, refusal="")
    body = {"tenant": call.shop.tenant, "code": sent.model.code, "password": sent.model.password}
    try:
        await front.upstream.post(call.visit, "accounts", "/password-reset/confirmation", body)
    except Problem as refused:
        if refused.status not in (401, 422, 429):
            raise
        faults = {"password": "guessable"} if refused.kind == "password-guessable" else {}
        again = sent.refused(faults)
        shown = "" if faults else refused.kind
        return front.page(call, "new-password.html", status=refused.status, sent=again, refusal=shown)
    return see("/sign-in")
