"""Passkeys: signing in with a device that knows its owner (WebAuthn); making one needs the page's script."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

import orjson
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
HERE: Final = "/account/security/passkeys"
REFUSED: dict[int, Any] = {200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML}
Name = Annotated[str, Field(min_length=1, max_length=60)]


class Begun(forms.Form):
    """The name of a passkey."""

    name: Name


class Made(forms.Form):
    """What the device has made, as JSON."""

    name: Name
    credential: Annotated[str, Field(min_length=2, max_length=20_000)]


@routes.get(HERE, also={200: HTML})
async def view_passkeys(
    read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = ""
) -> web.Response:
    """The form for another passkey."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, done=done)


@routes.post(HERE, takes=FORM, also=REFUSED)
async def begin_passkey(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Ask what the device has to make; the page that follows asks the device."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Begun)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    try:
        options = await front.upstream.post(call.visit, "accounts", "/me/passkeys/options", {"origin": call.origin})
    except Problem as problem:
        again = sent.refused(room.refused(problem, page=HERE))
        return await _page(front, call, again, status=problem.status)
    text = orjson.dumps(options["public_key"]).decode()
    return room.page(front, call, "security", "passkey-begun.html", options=text, name=sent.model.name)


@routes.post("/account/security/passkeys/made", takes=FORM, also=REFUSED)
async def add_passkey(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Keep the passkey that the device has made."""
    call = await front.customer(read, begin, request)
    # what a device makes may hold digits like a card's
    sent = await forms.read(request, call.visit, Made, secret=frozenset({"credential"}))
    faults = {"": "passkey-unfit"}
    if sent.model is not None:
        try:
            credential = orjson.loads(sent.model.credential)
            made = {"name": sent.model.name, "credential": credential, "origin": call.origin}
            await front.upstream.post(call.visit, "accounts", "/me/passkeys", made, key=str(uuid4()))
            return see("/account/security?done=passkey-added")
        except Problem as problem:
            faults = room.refused(problem)
        except orjson.JSONDecodeError:
            pass
    return await _page(front, call, sent.refused(faults), status=422)


@routes.get("/account/security/passkeys/{passkey}", also={200: HTML})
async def view_passkey(
    read: Read, begin: Begin, request: web.Request, front: Front, passkey: UUID, done: room.Done = ""
) -> web.Response:
    """One passkey, and the form for removing it."""
    call = await front.customer(read, begin, request)
    return await _removal_page(front, call, passkey, done=done)


@routes.post("/account/security/passkeys/{passkey}/removal", takes=FORM, also=REFUSED)
async def remove_passkey(read: Read, begin: Begin, request: web.Request, front: Front, passkey: UUID) -> web.Response:
    """Remove it: all sessions end, for it may be lost, and one signs in again."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        await front.upstream.post(call.visit, "accounts", f"/me/passkeys/{passkey}/removal", {})
    except Problem as problem:
        faults = room.refused(problem, page=f"{HERE}/{passkey}")
        return await _removal_page(front, call, passkey, faults, status=problem.status)
    return await room.sign_in_after(front, begin, call, "passkey-removed")


async def _page(
    front: Front, call: Call, sent: forms.Sent[Any] | None = None, *, status: int = 200, done: str = ""
) -> web.Response:
    return room.page(front, call, "security", "passkey.html", status=status, done=done, sent=sent)


async def _removal_page(
    front: Front,
    call: Call,
    passkey: UUID,
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    done: str = "",
) -> web.Response:
    found = await front.upstream.get(call.visit, "accounts", f"/me/passkeys/{passkey}")
    sent: forms.Sent[forms.Form] | None = forms.Sent(None, {}, faults) if faults else None
    return room.page(
        front, call, "security", "passkey-removal.html", status=status, done=done, passkey=found, sent=sent
    )
