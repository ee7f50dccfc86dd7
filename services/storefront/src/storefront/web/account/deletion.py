"""Deleting the account: by whoever has signed in just now, for nothing brings it back."""

from typing import Final, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
HERE: Final = "/account/privacy/deletion"


class Deletion(forms.Form):
    """That one has read what is gone then."""

    sure: Literal["yes"]


@routes.get(HERE, also={200: HTML})
async def view_deletion(
    read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = ""
) -> web.Response:
    """What is gone when the account is."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, done=done)


@routes.post(HERE, takes=(forms.FORM,), also={200: HTML, 303: None, 403: HTML, 422: HTML})
async def delete(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Delete the account: at once, or as soon as all orders are closed."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Deletion)
    if sent.model is None:
        faults = {name: "unticked" if name == "sure" else rule for name, rule in sent.faults.items()}
        return await _page(front, call, sent.refused(faults), status=422)
    try:
        asked = await front.upstream.post(call.visit, "accounts", "/me/deletion", {})
    except Problem as problem:
        again = sent.refused(room.refused(problem, page=HERE))
        return await _page(front, call, again, status=problem.status)
    if asked["erased_at"] is None:
        return see("/account/privacy?done=deletion-asked")
    return await room.begin_anew(front, begin, call, "/account/deleted")


@routes.get("/account/deleted", also={200: HTML})
async def deleted(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The last page, for somebody whom nobody knows any more."""
    call = await front.receive(read, begin, request)
    return front.page(call, "account/deleted.html")


async def _page(
    front: Front, call: Call, sent: forms.Sent[Deletion] | None = None, *, status: int = 200, done: str = ""
) -> web.Response:
    me = await front.upstream.get(call.visit, "accounts", "/me")
    return room.page(front, call, "privacy", "deletion.html", status=status, done=done, me=me, sent=sent)
