"""Another e-mail address: confirmed by its reader, and agreed to by the former one's; one has signed in just now."""

import asyncio
from typing import Annotated, Final

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
HERE: Final = "/account/security/email"


class NewEmail(forms.Form):
    """The address at which one wants to be written to."""

    email: Annotated[str, Field(min_length=3, max_length=254, repr=False)]


class Confirmation(forms.Form):
    """The code of one of both letters."""

    code: Annotated[str, Field(min_length=1, max_length=40, repr=False)]


@routes.get(HERE, also={200: HTML})
async def view_email(
    read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = ""
) -> web.Response:
    """The form for another address."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, done=done)


@routes.post(HERE, takes=FORM, also={200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML})
async def change_email(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Let a code be mailed to the new address, and another one to that of today."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, NewEmail)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    body = {"email": sent.model.email}
    try:
        await front.upstream.post(call.visit, "accounts", "/me/email", body)
    except Problem as problem:
        faults = room.refused(problem, page=HERE)
        if faults.get("email") == "rule-broken":
            faults["email"] = "email"
        return await _page(front, call, sent.refused(faults), status=problem.status)
    return see("/account/security/email/confirmation")


@routes.get("/account/security/email/confirmation", also={200: HTML, 303: None})
async def view_confirmation(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The form for both codes, one after the other, and how far the change has come."""
    call = await front.customer(read, begin, request)
    return await _code_page(front, call)


@routes.post(
    "/account/security/email/confirmation",
    takes=FORM,
    also={200: HTML, 303: None, 404: HTML, 409: HTML, 422: HTML, 429: HTML},
)
async def confirm_email(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Send one of both codes back."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Confirmation, secret=room.SECRET)
    if sent.model is None:
        return await _code_page(front, call, sent, status=422)
    try:
        body = {"code": sent.model.code}
        answer = await front.upstream.post(call.visit, "accounts", "/me/email/confirmation", body)
    except Problem as problem:
        faults = {"code": problem.kind} if problem.status == 404 else room.refused(problem)
        return await _code_page(front, call, sent.refused(faults), status=problem.status)
    if answer["waiting"] is None:
        return see("/account/security?done=email-changed")
    return see("/account/security/email/confirmation")


@routes.post("/account/security/email/end", takes=FORM, also={303: None})
async def give_up(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Leave the address as it is."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        await front.upstream.delete(call.visit, "accounts", "/me/email/change")
    except Problem as problem:
        if problem.status != 404:
            raise
    return see("/account/security?done=email-kept")


async def _code_page(
    front: Front, call: Call, sent: forms.Sent[Confirmation] | None = None, *, status: int = 200
) -> web.Response:
    change = (await front.upstream.get(call.visit, "accounts", "/me/email"))["waiting"]
    if change is None:
        return see(HERE)
    return room.page(front, call, "security", "email-code.html", status=status, change=change, sent=sent)


async def _page(
    front: Front, call: Call, sent: forms.Sent[NewEmail] | None = None, *, status: int = 200, done: str = ""
) -> web.Response:
    me, change = await asyncio.gather(
        front.upstream.get(call.visit, "accounts", "/me"),
        front.upstream.get(call.visit, "accounts", "/me/email"),
    )
    waits = change["waiting"] is not None
    return room.page(front, call, "security", "email.html", status=status, done=done, me=me, sent=sent, waits=waits)
