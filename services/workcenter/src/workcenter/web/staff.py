"""Who works here: people with their roles, inviting, removing, and lost second factors; one has signed in just now."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.sealed import Sealed, seal, unseal
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import authorization, forms
from workcenter.web.desk import FORM, Desk, Note, Word, many, noted, session_of
from workcenter.web.tables import Asked, Table, listed

routes = Routes()
PAGE: Final = "/staff"
COLUMNS: Final = ("name", "email", "added_at", "seen_at")
# what was refused, and beside which field it is told
FAULTS: Final = {
    "email-taken": {"email": "email-taken"},
    "email-malformed": {"email": "email-malformed"},
}
AGAIN: Final = f"{PAGE}?note=done-{authorization.AGAIN}"
Role = Literal["sales", "files", "bookkeeping", "support", "reviewer", "operator", "administrator"]
ROLES: Final = ("sales", "files", "support", "bookkeeping", "reviewer", "operator", "administrator")


class Invite(forms.Form):
    """Whom to invite, as what."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    email: Annotated[str, Field(min_length=3, max_length=300)]
    roles: Annotated[list[Role], Field(min_length=1, max_length=7), many]


@routes.get(PAGE, also={200: HTML})
async def view(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    note: Note = "",
    invited: Sealed = "",
) -> web.Response:
    """Who works here; that this is read is recorded."""
    visit = await desk.receive(read, begin, request)
    table = await _table(desk, visit, Asked(sort, descending, find))
    return _page(desk, visit, table, note=note, invited=unseal(visit, PAGE, invited))


@routes.post(PAGE, takes=FORM, also={303: None, 422: HTML, 429: HTML})
async def invite(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Invite somebody; the invitation is mailed to them."""
    visit = await desk.receive(read, begin, request)
    sent = await forms.read(request, visit, Invite)
    if sent.model is None:
        return _page(desk, visit, await _table(desk, visit, Asked()), status=422, sent=sent)
    try:
        body = sent.model.model_dump() | {"language": visit.language}
        invited = await desk.upstream.post(visit, "accounts", "/staff", body)
    except Problem as refused:
        authorization.once_more(refused, AGAIN)
        if refused.status >= 500:
            raise
        faults = FAULTS.get(refused.kind) or forms.refused(refused, {})
        table = await _table(desk, visit, Asked())
        note = "" if faults else f"refused-{refused.kind}"
        status = 429 if refused.status == 429 else 422
        return _page(desk, visit, table, status=status, sent=sent.refused(faults), note=note)
    shown = invited | {"email": sent.model.email, "name": sent.model.name}
    return see(f"{PAGE}?invited={seal(visit, PAGE, shown)}#invited")


@routes.post("/staff/{member}/invitation", takes=FORM, also={303: None})
async def invite_again(read: Read, begin: Begin, request: web.Request, desk: Desk, member: UUID) -> web.Response:
    """Mail another invitation; those before count no more."""
    visit = await desk.receive(read, begin, request)
    body = {"language": visit.language}
    return await _act(read, begin, request, desk, f"/staff/{member}/invitation", "invited-again", body)


@routes.post("/staff/{member}/removal", takes=FORM, also={303: None})
async def remove(read: Read, begin: Begin, request: web.Request, desk: Desk, member: UUID) -> web.Response:
    """Let somebody work here no more."""
    return await _act(read, begin, request, desk, f"/staff/{member}/removal", "staff-removed")


@routes.post("/staff/{member}/second-factor-reset", takes=FORM, also={303: None})
async def reset(read: Read, begin: Begin, request: web.Request, desk: Desk, member: UUID) -> web.Response:
    """Remove the second factor of somebody who has lost it."""
    return await _act(read, begin, request, desk, f"/staff/{member}/second-factor-reset", "factor-reset")


async def _act(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    path: str,
    done: str,
    body: Mapping[str, str] | None = None,
) -> web.Response:
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    try:
        await desk.upstream.post(visit, "accounts", path, dict(body or {}))
    except Problem as refused:
        authorization.once_more(refused, AGAIN)
        if refused.status >= 500:
            raise
        return see(noted(PAGE, f"refused-{refused.kind}"))
    return see(noted(PAGE, f"done-{done}"))


async def _table(desk: Desk, visit: Visit, asked: Asked) -> Table:
    return await listed(desk, visit, ("accounts", "/staff"), PAGE, COLUMNS, asked, paged=False)


def _page(desk: Desk, visit: Visit, table: Table, *, status: int = 200, **facts: Any) -> web.Response:
    shown: dict[str, Any] = {"sent": None, "invited": None, "note": ""} | facts
    me = session_of(visit).subject
    return desk.page(visit, "staff.html", status=status, place=PAGE, table=table, me=me, roles=ROLES, **shown)
