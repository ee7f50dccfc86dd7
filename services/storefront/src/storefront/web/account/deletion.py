"""Deleting the account: asked for once more, with the password, for nothing brings it back."""

import asyncio
from typing import Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()


class Deletion(room.Proof):
    """The password, and that one has read what is gone then."""

    sure: Literal["yes"]


@routes.get("/account/privacy/deletion", also={200: HTML})
async def view_deletion(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """What is gone when the account is."""
    call = await front.customer(read, begin, request)
    return await _page(front, call)


@routes.post("/account/privacy/deletion", takes=(forms.FORM,), also={200: HTML, 303: None, 403: HTML, 422: HTML})
async def delete(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Delete the account: at once, or as soon as all orders are closed."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Deletion, secret=room.SECRET)
    if sent.model is None:
        faults = {name: "unticked" if name == "sure" else rule for name, rule in sent.faults.items()}
        return await _page(front, call, sent.refused(faults), status=422)
    try:
        asked = await front.upstream.post(call.visit, "accounts", "/me/deletion", sent.model.body)
    except Problem as problem:
        again = sent.refused(room.refused(problem))
        return await _page(front, call, again, status=problem.status)
    if asked["erased_at"] is None:
        return see("/account/privacy?done=deletion-asked")
    return await room.begin_anew(front, begin, call, None, "/account/deleted")


@routes.get("/account/deleted", also={200: HTML})
async def deleted(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The last page, for somebody whom nobody knows any more."""
    call = await front.receive(read, begin, request)
    return front.page(call, "account/deleted.html")


async def _page(
    front: Front, call: Call, sent: forms.Sent[Deletion] | None = None, *, status: int = 200
) -> web.Response:
    me, code = await asyncio.gather(front.upstream.get(call.visit, "accounts", "/me"), room.needs_code(front, call))
    return room.page(front, call, "privacy", "deletion.html", status=status, me=me, sent=sent, code=code)
