"""How a customer signs in: address, password, second factor, passkeys, and where they are signed in."""

import asyncio
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from storefront.web.account import room
from storefront.web.front import Front

routes = Routes()
FORM = (forms.FORM,)


@routes.get("/account/security", also={200: HTML})
async def security(read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = "") -> web.Response:
    """Everything by which somebody signs in, and every session."""
    call = await front.customer(read, begin, request)
    ask = front.upstream
    me, change, factor, passkeys, sessions = await asyncio.gather(
        ask.get(call.visit, "accounts", "/me"),
        ask.get(call.visit, "accounts", "/me/email"),
        ask.get(call.visit, "accounts", "/me/second-factor"),
        ask.items(call.visit, "accounts", "/me/passkeys"),
        ask.items(call.visit, "accounts", "/me/sessions"),
    )
    return room.page(
        front,
        call,
        "security",
        "security.html",
        done=done,
        me=me,
        change=change["waiting"],
        factor=factor,
        passkeys=passkeys,
        sessions=sessions,
    )


@routes.post("/account/security/sessions/{session}/end", takes=FORM, also={303: None})
async def end_session(read: Read, begin: Begin, request: web.Request, front: Front, session: UUID) -> web.Response:
    """End one session elsewhere; nothing is done where it has ended already."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        await front.upstream.delete(call.visit, "accounts", f"/me/sessions/{session}")
    except Problem as problem:
        if problem.status != 404:
            raise
    return see("/account/security?done=session-ended")


@routes.post("/account/security/sessions/end", takes=FORM, also={303: None})
async def end_sessions(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """End all sessions, this one too."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    await front.upstream.delete(call.visit, "accounts", "/me/sessions")
    return await room.begin_anew(front, begin, call, "/sign-in")
