"""What becomes of a customer's data: kept for later purchases, or deleted right after the order."""

from typing import Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()


class Choice(forms.Form):
    """Keep or delete."""

    keep: Literal["keep", "delete"]


@routes.get("/account/privacy", also={200: HTML})
async def privacy(read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = "") -> web.Response:
    """What is known of the customer, and what shall become of it."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, done=done)


@routes.post("/account/privacy", takes=(forms.FORM,), also={200: HTML, 303: None, 403: HTML, 422: HTML})
async def choose(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Choose anew."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Choice)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    if sent.model.keep == "delete":  # which is done at once where nothing is open, and so is asked for once more
        return see("/account/privacy/deletion")
    try:
        await front.upstream.put(call.visit, "accounts", "/me/choice", {"keep_data": True})
    except Problem as problem:
        again = sent.refused(room.refused(problem, page="/account/privacy"))
        return await _page(front, call, again, status=problem.status)
    return see("/account/privacy?done=chosen")


async def _page(
    front: Front, call: Call, sent: forms.Sent[Choice] | None = None, *, status: int = 200, done: str = ""
) -> web.Response:
    me = await front.upstream.get(call.visit, "accounts", "/me")
    return room.page(front, call, "privacy", "privacy.html", status=status, done=done, me=me, sent=sent)
