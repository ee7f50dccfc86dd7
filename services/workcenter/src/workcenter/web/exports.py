"""Exports of conversations: asked for by one reviewer, released by another, fetched once."""

from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from workcenter.web.desk import FORM, REFUSALS, Desk, Note, Word, act, noted, session_of
from workcenter.web.passing import passed_on
from workcenter.web.tables import Asked, shown

routes = Routes()
MAILBOX = "application/mbox"
COLUMNS = ("purpose", "form", "asked_at", "expires_at")


class Ask(forms.Form):
    """What an export is to be, and what for; `once` is the form's, so that a second press asks for no second one."""

    once: UUID
    form: Literal["mbox", "pdf", "archive"]
    purpose: Annotated[str, Field(min_length=3, max_length=200)]


@routes.get("/cases/exports", also={200: HTML})
async def list_exports(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """The exports that wait for somebody to release them."""
    visit = await desk.receive(read, begin, request)
    asked = Asked(sort, descending, find, cursor)
    source = ("mail-relay", "/exports")
    me = session_of(visit).subject
    return await shown(desk, visit, "exports.html", source, "/cases/exports", COLUMNS, asked, me=me, note=note)


@routes.get("/exports/{export}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, export: UUID, note: Note = ""
) -> web.Response:
    """How far an export is."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "mail-relay", f"/exports/{export}")
    return desk.page(visit, "export.html", export=found, me=session_of(visit).subject, note=note)


@routes.post("/conversations/{conversation}/exports", takes=FORM, also={303: None})
async def ask(read: Read, begin: Begin, request: web.Request, desk: Desk, conversation: UUID) -> web.Response:
    """Ask for all messages of a conversation as a file."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Ask)).model
    here = f"/conversations/{conversation}"
    if form is None:
        return see(noted(here, "refused-no-purpose"))
    body = {"form": form.form, "purpose": form.purpose, "language": visit.language}
    try:
        made = await desk.upstream.post(visit, "mail-relay", f"{here}/exports", body, key=str(form.once))
    except Problem as refused:
        if refused.status not in REFUSALS:
            raise
        return see(noted(here, f"refused-{refused.kind}"))
    return see(noted(f"/exports/{made['export']}", "done-export-asked"))


@routes.post("/exports/{export}/release", takes=FORM, also={303: None})
async def release(read: Read, begin: Begin, request: web.Request, desk: Desk, export: UUID) -> web.Response:
    """Let a colleague fetch an export once."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    work = desk.upstream.post(visit, "mail-relay", f"/exports/{export}/release")
    return await act(work, f"/exports/{export}", "export-released")


@routes.post("/exports/{export}/fetching", takes=FORM, also={200: MAILBOX, 303: None})
async def fetch(read: Read, begin: Begin, request: web.Request, desk: Desk, export: UUID) -> web.StreamResponse:
    """The file, once, passed on as it comes."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    try:
        answer = await desk.upstream.stream(visit, "mail-relay", f"/exports/{export}/fetching", method="POST")
    except Problem as refused:
        if refused.status not in REFUSALS:
            raise
        return see(noted(f"/exports/{export}", f"refused-{refused.kind}"))
    return await passed_on(request, answer)
