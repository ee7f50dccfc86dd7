"""Objecting to another e-mail address, with the code that was mailed to the former one; nobody need be signed in."""

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


class Objection(forms.Form):
    """The code of the letter to the address until now."""

    code: Annotated[str, Field(min_length=6, max_length=40, repr=False)]


@routes.get("/objection", also={200: HTML})
async def view_objection(
    read: Read, begin: Begin, request: web.Request, front: Front, done: bool = False
) -> web.Response:
    """The form for the code."""
    return front.page(await front.receive(read, begin, request), "objection.html", sent=None, done=done)


@routes.post("/objection", takes=FORM, also={200: HTML, 303: None, 404: HTML, 422: HTML, 429: HTML})
async def object_to(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Leave the address as it is, and end all sessions."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Objection, secret=frozenset({"code"}))
    if sent.model is None:
        return front.page(call, "objection.html", status=422, sent=sent, done=False)
    try:
        body = {"tenant": call.shop.tenant, "code": sent.model.code}
        await front.upstream.post(call.visit, "accounts", "/email-objection", body)
    except Problem as refused:
        if refused.status not in (404, 422, 429):
            raise
        again = sent.refused({"code": "email-change-unknown" if refused.status != 429 else refused.kind})
        return front.page(call, "objection.html", status=refused.status, sent=again, done=False)
    return see("/objection?done=true")
