"""Signing in with a passkey, on a page of its own: it needs the page's script, and no password."""

from typing import Annotated

import orjson
from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import new_visitor
from pydantic import Field

from pages import forms
from storefront.web.front import Call, Front

routes = Routes()
After = Annotated[str, Field(max_length=2000)]


class Signed(forms.Form):
    """What the device has signed, as JSON."""

    credential: Annotated[str, Field(min_length=2, max_length=20_000)]
    after: After = "/account"


@routes.get("/sign-in/passkey", also={200: HTML, 429: HTML})
async def view_device(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account"
) -> web.Response:
    """The page that asks the device."""
    call = await front.receive(read, begin, request)
    return await _page(front, call, after)


@routes.post("/sign-in/passkey", takes=(forms.FORM,), also={200: HTML, 303: None, 401: HTML, 422: HTML, 429: HTML})
async def sign_in_by_device(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Sign in with what the device has signed."""
    call = await front.receive(read, begin, request)
    # what a device signs may hold digits like a card's
    sent = await forms.read(request, call.visit, Signed, secret=frozenset({"credential"}))
    after = sent.typed.get("after", "/account")
    if sent.model is None:
        return await _page(front, call, after, status=422)
    try:
        body = {"tenant": call.shop.tenant, "credential": orjson.loads(sent.model.credential)}
        tokens = await front.upstream.post(call.visit, "accounts", "/sign-in/passkey", body)
    except orjson.JSONDecodeError:
        return await _page(front, call, after, status=422)
    except Problem as problem:
        if problem.status not in (401, 403, 422):
            raise
        return await _page(front, call, after, status=problem.status)
    visitor = new_visitor()
    await front.site.sessions.begin(begin, visitor, call.shop.tenant, tokens, call.visit)
    response = see(after)
    front.site.greet(response, visitor)
    return response


async def _page(front: Front, call: Call, after: str, *, status: int = 200) -> web.Response:
    asked = {"tenant": call.shop.tenant}
    options = await front.upstream.post(call.visit, "accounts", "/sign-in/passkey/options", asked)
    text = orjson.dumps(options["public_key"]).decode()
    return front.page(call, "account/device.html", status=status, options=text, after=after, refused=status != 200)
