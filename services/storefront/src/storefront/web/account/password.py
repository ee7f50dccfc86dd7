"""Another password."""

from typing import Annotated

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()


class Change(forms.Form):
    """The password of today, and the next."""

    current: Annotated[str, Field(min_length=1, max_length=1024, repr=False)]
    new: Annotated[str, Field(min_length=12, max_length=1024, repr=False)]


@routes.get("/account/security/password", also={200: HTML})
async def view_password(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The form for another password."""
    call = await front.customer(read, begin, request)
    return _page(front, call)


@routes.post(
    "/account/security/password", takes=(forms.FORM,), also={200: HTML, 303: None, 403: HTML, 422: HTML, 429: HTML}
)
async def change_password(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Change it: all sessions end, and this browser goes on with another one."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Change, secret=room.SECRET)
    if sent.model is None:
        return _page(front, call, sent, status=422)
    me = await front.upstream.get(call.visit, "accounts", "/me")
    body = {"current": sent.model.current, "new": sent.model.new}
    try:
        await front.upstream.put(call.visit, "accounts", "/me/password", body)
    except Problem as problem:
        faults = room.refused(problem)
        if "password" in faults:
            faults = {"current": faults["password"]}
        return _page(front, call, sent.refused(faults), status=problem.status)
    return await room.sign_in_again(front, begin, call, me["email"], sent.model.new, "password-changed")


def _page(front: Front, call: Call, sent: forms.Sent[Change] | None = None, *, status: int = 200) -> web.Response:
    return room.page(front, call, "security", "password.html", status=status, sent=sent)
