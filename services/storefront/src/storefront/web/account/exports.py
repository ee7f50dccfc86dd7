"""All that is known of a customer, in one file: asked for by whoever has signed in just now, followed, downloaded."""

from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.following import EVENTS, Pace, follow
from storefront.web.front import Call, Front

routes = Routes()
HERE: Final = "/account/privacy/exports"
ZIP: Final = "application/zip"
PACE: Final = Pace(quick_seconds=0.5, slow_seconds=3.0, quick_looks=60, most_looks=400)
PASSED_ON: Final = ("Content-Type", "Content-Disposition")
OFFERED: Final = frozenset({"ready", "incomplete"})


class Ask(forms.Form):
    """Which form was sent, so that it asks once."""

    once: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]


@routes.get("/account/privacy/exports", also={200: HTML})
async def list_exports(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    cursor: room.Cursor | None = None,
    done: room.Done = "",
) -> web.Response:
    """The exports there were, and a form to ask for another."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, cursor=cursor, done=done)


@routes.post(
    "/account/privacy/exports",
    takes=(forms.FORM,),
    also={200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML},
)
async def ask(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Ask for all that is known; the same form again asks once."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Ask)
    if sent.model is None:
        return await _page(front, call, sent, status=422)
    try:
        made = await front.upstream.post(call.visit, "accounts", "/me/exports", {}, key=f"export-{sent.model.once}")
    except Problem as problem:
        again = sent.refused(room.refused(problem, page=HERE))
        return await _page(front, call, again, status=problem.status)
    return see(f"{HERE}/{made['export']}")


@routes.get("/account/privacy/exports/{export}", also={200: HTML})
async def view_export(read: Read, begin: Begin, request: web.Request, front: Front, export: UUID) -> web.Response:
    """How far an export is, and where it is downloaded."""
    call = await front.customer(read, begin, request)
    return room.page(front, call, "privacy", "export.html", **await _facts(front, call, export))


@routes.get("/account/privacy/exports/{export}/events", also={200: EVENTS})
async def events(read: Read, begin: Begin, request: web.Request, front: Front, export: UUID) -> web.StreamResponse:
    """Who has answered, as it arrives."""
    call = await front.customer(read, begin, request)
    look = partial(_facts, front, call, export)
    return await follow(front, call, request, "account/export-progress.html", PACE, look)


@routes.get("/account/privacy/exports/{export}/file", also={200: ZIP, 303: None})
async def file(read: Read, begin: Begin, request: web.Request, front: Front, export: UUID) -> web.StreamResponse:
    """The file, passed on as it comes; where there is none yet or any more, the page tells why."""
    call = await front.customer(read, begin, request)
    try:
        answer = await front.upstream.stream(call.visit, "accounts", f"/me/exports/{export}/file")
    except Problem as refused:
        if refused.status not in (409, 410):
            raise
        return see(f"{HERE}/{export}")
    async with answer:
        headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
        response = web.StreamResponse(headers={**headers, "Cache-Control": "no-store"})
        await response.prepare(request)
        async for part in answer.content.iter_chunked(65_536):
            await response.write(part)
        await response.write_eof()
    return response


async def _facts(front: Front, call: Call, export: UUID) -> dict[str, Any]:
    found = await front.upstream.get(call.visit, "accounts", f"/me/exports/{export}")
    return {"export": found, "offered": found["state"] in OFFERED, "done": found["state"] != "collecting"}


async def _page(
    front: Front,
    call: Call,
    sent: forms.Sent[Ask] | None = None,
    *,
    status: int = 200,
    cursor: str | None = None,
    done: str = "",
) -> web.Response:
    found = await front.upstream.get(call.visit, "accounts", "/me/exports", cursor=cursor, limit=20)
    once = (sent.typed.get("once") if sent else None) or str(uuid4())
    if sent and sent.faults:
        once = str(uuid4())
    return room.page(
        front,
        call,
        "privacy",
        "exports.html",
        status=status,
        done=done,
        exports=found["items"],
        more=found["next"],
        later=cursor is not None,
        sent=sent,
        once=once,
    )
