"""What staff and operators did and read, service by service."""

from typing import Annotated
from urllib.parse import urlencode

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, not_found
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from workcenter.domain.period import period
from workcenter.web.desk import FORM, Desk, Note, Word, noted

routes = Routes()
FIRST = "orders"


class Why(forms.Form):
    """Why personal facts of an act are read."""

    purpose: Annotated[str, Field(min_length=8, max_length=200)]


@routes.get("/acts", also={200: HTML})
async def view(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    service: Word = FIRST,
    actor: Word = "",
    operation: Word = "",
    object: Word = "",  # noqa: A002 -- the name of a query's parameter
    since: Word = "",
    until: Word = "",
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """The acts of a service, newest first, by whom, what and when if asked for."""
    visit = await desk.receive(read, begin, request)
    if not desk.upstream.has(service):
        raise not_found()
    asked = {"actor": actor.strip(), "operation": operation.strip(), "object": object.strip()}
    within: dict[str, str] = {}
    if since or until:
        days = period(since, until, read.now.astimezone(desk.zone).date())
        within = dict(zip(("since", "until"), days.bounds(desk.zone), strict=True))
    query = {name: value or None for name, value in asked.items()}
    found = await desk.upstream.get(visit, service, "/audit", **query, **within, cursor=cursor, limit=50)
    kept = {"service": service, "since": since, "until": until} | asked
    return desk.page(
        visit,
        "audit.html",
        found=found,
        service=service,
        services=list(desk.upstream.addresses),
        asked=asked,
        since=since,
        until=until,
        here=f"/acts?{urlencode(kept)}",
        note=note,
    )


@routes.post("/acts/{service}/{number}/opening", takes=FORM, also={200: HTML, 303: None})
async def open_facts(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    service: Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")],
    number: Annotated[int, Field(ge=1, le=2**63 - 1)],
) -> web.Response:
    """One act with its personal facts opened; that is recorded with its purpose."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Why)).model
    if form is None:
        return see(noted(f"/acts?service={service}", "refused-purpose-short"))
    found = await desk.upstream.post(visit, service, f"/audit/{number}/opening", {"purpose": form.purpose})
    return desk.page(visit, "act.html", place=f"/acts?service={service}", act=found, service=service)
