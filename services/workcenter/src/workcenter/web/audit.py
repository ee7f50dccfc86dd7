"""What staff and operators did and read, service by service."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, not_found
from pages.sealed import Sealed
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms
from workcenter.domain.acts import About, about, choices, sentence
from workcenter.domain.period import period
from workcenter.domain.roles import part_at
from workcenter.web.asking import Piece, piece
from workcenter.web.desk import FORM, Desk, Note, Word, noted, session_of
from workcenter.web.reading import asked_at, opened_here, read_at
from workcenter.web.tables import Asked, listed

routes = Routes()
FIRST = "orders"
PATH: Final = "/audit/verification"
COLUMNS: Final = ("number", "at", "actor", "operation", "kind", "object", "purpose")
Service = Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")]
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
AT_ONCE: Final = 5000
MOST_FAULTS: Final = 20
# how long a page verifies; where there are more rows, it offers to go on
CHECKING_SECONDS: Final = 4


@dataclass(frozen=True, slots=True)
class Worded:
    """An act in words: its sentence, what it was about, the number of that order, and a link that leads in."""

    sentence: str
    about: About
    number: str
    link: str


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
    check: Annotated[int | None, Field(ge=0, le=2**63 - 1)] = None,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """The acts of a service, newest first, by whom, what and when if asked for, and whether their chain holds.

    The newest of them are verified each time, and from `check` on all, as many as time allows.
    """
    visit = await desk.receive(read, begin, request)
    if not desk.upstream.has(service):
        raise not_found()
    asked = {"actor": actor.strip(), "operation": operation.strip(), "object": object.strip()}
    within: dict[str, str] = {}
    if since or until:
        days = period(since, until, read.now.astimezone(desk.zone).date())
        within = dict(zip(("since", "until"), days.bounds(desk.zone), strict=True))
    query: dict[str, Any] = {name: value or None for name, value in asked.items()} | within
    kept = {"service": service} | {
        name: value for name, value in {"since": since, "until": until, **asked}.items() if value
    }
    table, chain, names = await asyncio.gather(
        listed(
            desk,
            visit,
            (service, "/audit"),
            "/acts",
            COLUMNS,
            Asked(sort, descending, find, cursor),
            kept=kept,
            query=query,
        ),
        verified(desk, visit, service, check),
        piece(desk, visit, "accounts", "/staff/names"),
    )
    sentences = desk.site.words[visit.language]["acts"]
    return desk.page(
        visit,
        "audit.html",
        table=table,
        chain=chain,
        worded=await _worded(desk, visit, service, table.rows),
        choices=choices(sentences, service),
        names={one["member"]: one["name"] for one in names.entries if one["name"]},
        me=session_of(visit).subject,
        checked=check is not None,
        service=service,
        services=list(desk.upstream.addresses),
        asked=asked,
        since=since,
        until=until,
        note=note,
    )


async def _worded(desk: Desk, visit: Visit, service: str, acts: Sequence[Any]) -> list[Worded]:
    """Return acts in words, with the numbers of the orders that they are about, and only with links that lead in."""
    sentences, roles = desk.site.words[visit.language]["acts"], session_of(visit).roles
    abouts = [about(one) for one in acts]
    ids = list(dict.fromkeys(one.id for one in abouts if one.kind == "order"))
    found = await asyncio.gather(*(piece(desk, visit, "orders", f"/orders/{one}") for one in ids))
    numbers = {one.facts["order"]: one.facts["number"] for one in found if one.here}

    def link(path: str) -> str:
        part = part_at(path)
        return path if part is not None and not part.roles.isdisjoint(roles) else ""

    return [
        Worded(sentence(sentences, service, act["operation"]), one, numbers.get(one.id, ""), link(one.path))
        for act, one in zip(acts, abouts, strict=True)
    ]


async def verified(desk: Desk, visit: Visit, service: str, after: int | None) -> Piece:
    """Return whether the chain of a service's acts holds, in the newest rows or behind a row, as far as time allows."""
    until = time.monotonic() + CHECKING_SECONDS
    found = await piece(desk, visit, service, PATH, after=after, limit=AT_ONCE)
    while after is not None and found.here and found.facts["next"] and time.monotonic() < until:
        part = await piece(desk, visit, service, PATH, after=found.facts["next"], limit=AT_ONCE)
        if not part.here:
            return part
        faults = [*found.facts["faults"], *part.facts["faults"]]
        found = Piece("here", part.facts | {"after": after, "faults": faults[:MOST_FAULTS]})
    return found


@routes.post("/acts/{service}/{number}/opening", takes=FORM, also={303: None})
async def ask_for_facts(
    read: Read, begin: Begin, request: web.Request, desk: Desk, service: Service, number: Number
) -> web.Response:
    """Lead to the personal facts of an act, for the purpose that was typed."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Why)).model
    if form is None:
        return see(noted(f"/acts?service={service}", "refused-purpose-short"))
    return read_at(visit, f"/acts/{service}/{number}/opening", purpose=form.purpose)


@routes.get("/acts/{service}/{number}/opening", also={200: HTML, 303: None})
async def open_facts(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    service: Service,
    number: Number,
    asked: Sealed = "",
) -> web.Response:
    """One act with its personal facts opened; that is recorded with its purpose."""
    visit = await desk.receive(read, begin, request)
    opened_here(request, f"/acts?service={service}")
    form = asked_at(visit, f"/acts/{service}/{number}/opening", asked)
    if form is None:
        return see(noted(f"/acts?service={service}", "refused-purpose-short"))
    found = await desk.upstream.post(visit, service, f"/audit/{number}/opening", form)
    (worded,) = await _worded(desk, visit, service, [found])
    return desk.page(
        visit,
        "act.html",
        place=f"/acts?service={service}",
        act=found,
        worded=worded,
        me=session_of(visit).subject,
        service=service,
    )
