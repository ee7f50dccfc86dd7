"""Another e-mail address: asked for with the password, and confirmed by the code of a letter."""

import asyncio
from typing import Annotated

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)


class NewEmail(room.Proof):
    """The address at which one wants to be written to, with the password."""

    email: Annotated[str, Field(min_length=3, max_length=254, repr=False)]


class Confirmation(forms.Form):
    """The code of the letter."""

    code: Annotated[str, Field(min_length=1, max_length=40, repr=False)]


@routes.get("/account/security/email", also={200: HTML})
async def view_email(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The form for another address."""
    call = await front.customer(read, begin, request)
    return await _page(front, call)


@routes.post(
    "/account/security/email", takes=FORM, also={200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML}
)
async def change_email(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Let a code be mailed to the new address; until it comes back, nothing changes."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, NewEmail, secret=room.SECRET)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    body = {**sent.model.body, "email": sent.model.email}
    try:
        await front.upstream.post(call.visit, "accounts", "/me/email", body)
    except Problem as problem:
        faults = room.refused(problem)
        if faults.get("email") == "rule-broken":
            faults["email"] = "email"
        return await _page(front, call, sent.refused(faults), status=problem.status)
    return see("/account/security/email/confirmation")


@routes.get("/account/security/email/confirmation", also={200: HTML})
async def view_confirmation(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The form for the code."""
    call = await front.customer(read, begin, request)
    return room.page(front, call, "security", "email-code.html", sent=None)


@routes.post(
    "/account/security/email/confirmation", takes=FORM, also={200: HTML, 303: None, 404: HTML, 422: HTML, 429: HTML}
)
async def confirm_email(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Confirm the new address by its code."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Confirmation, secret=room.SECRET)
    status, faults = 422, sent.faults
    if sent.model is not None:
        try:
            body = {"code": sent.model.code}
            await front.upstream.post(call.visit, "accounts", "/me/email/confirmation", body)
            return see("/account/security?done=email-changed")
        except Problem as problem:
            status = problem.status
            faults = {"code": problem.kind} if status == 404 else room.refused(problem)
    again = sent.refused(faults)
    return room.page(front, call, "security", "email-code.html", status=status, sent=again)


async def _page(
    front: Front, call: Call, sent: forms.Sent[NewEmail] | None = None, *, status: int = 200
) -> web.Response:
    me, code = await asyncio.gather(front.upstream.get(call.visit, "accounts", "/me"), room.needs_code(front, call))
    return room.page(front, call, "security", "email.html", status=status, me=me, sent=sent, code=code)
