"""How the services fare: versions, what is not published, what waits and what is dead, and trying it again."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, not_found
from pages.site import HTML
from pages.visit import Visit
from pydantic import Field

from pages import forms
from workcenter.web.asking import Piece, piece
from workcenter.web.desk import FORM, Desk, Note, Word, act
from workcenter.web.tables import Asked, arranged, counted, deep, part_of

routes = Routes()
# whoever takes longer is shown as away, and keeps nobody waiting
PATIENCE_SECONDS: Final = 2.5
MOST_COUNTED: Final = 10_000
COUNTED: Final = {"unpublished": "outbox", "waiting": "parked", "dead": "dead"}
COLUMNS: Final = ("name", "version", *COUNTED)
EVENTS: Final = ("topic", "key", "source", "occurred_at", "parked_at", "error", "attempts", "next_attempt")
PATHS: Final[dict[str, str]] = {"waiting": "/operations/parked", "dead": "/operations/dead"}
Name = Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")]
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]


@dataclass(frozen=True, slots=True)
class Fares:
    """A service and how it fares, as far as it answers."""

    name: str
    piece: Piece

    @property
    def dead(self) -> int:
        """How many events wait for a decision there."""
        return self.piece.facts["dead"]["count"] if self.piece.here else 0

    @property
    def row(self) -> dict[str, Any]:
        """What a table sorts by, and the rest; nothing is known of one that is away."""
        facts: dict[str, Any] = self.piece.facts if self.piece.here else {}
        counts: dict[str, Any] = {name: facts[key]["count"] if facts else None for name, key in COUNTED.items()}
        return {"name": self.name, "version": facts.get("version"), "piece": self.piece, **counts}


async def all_services(desk: Desk, visit: Visit) -> list[Fares]:
    """Return how all services fare, asked side by side."""
    names = list(desk.upstream.addresses)
    found = await asyncio.gather(*(_ask(desk, visit, name) for name in names))
    return [Fares(name, part) for name, part in zip(names, found, strict=True)]


@routes.get("/services", also={200: HTML})
async def view_all(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    note: Note = "",
) -> web.Response:
    """All services of the installation."""
    visit = await desk.receive(read, begin, request)
    found = await all_services(desk, visit)
    away = sum(not one.piece.here for one in found)
    dead = sum(one.dead for one in found)
    rows = [one.row for one in found]
    table = arranged("/services", COLUMNS, Asked(sort, descending, find), rows)
    return desk.page(visit, "services.html", table=table, away=away, dead=dead, most=MOST_COUNTED, note=note)


@routes.get("/services/{service}", also={200: HTML})
async def view_one(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    service: Name,
    state: Word = "dead",
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """What waits or is dead at one service."""
    visit = await desk.receive(read, begin, request)
    if not desk.upstream.has(service):
        raise not_found()
    chosen = state if state in PATHS else "dead"
    asked = Asked(sort, descending, find, cursor)
    whole = deep(asked, EVENTS)
    part = part_of(asked, whole=whole)
    fares, found = await asyncio.gather(_ask(desk, visit, service), piece(desk, visit, service, PATHS[chosen], **part))
    kept = {"state": chosen}
    table = counted(f"/services/{service}", EVENTS, asked, found.entries, found.following, whole=whole, kept=kept)
    return desk.page(
        visit, "service.html", service=service, state=chosen, fares=fares, found=found, table=table, note=note
    )


@routes.post("/services/{service}/dead/{event}/replay", takes=FORM, also={303: None})
async def replay(
    read: Read, begin: Begin, request: web.Request, desk: Desk, service: Name, event: Number
) -> web.Response:
    """Let a dead event be tried again."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    if not desk.upstream.has(service):
        raise not_found()
    work = desk.upstream.post(visit, service, f"/operations/dead/{event}/replay")
    return await act(work, f"/services/{service}?state=dead", "replay")


async def _ask(desk: Desk, visit: Visit, service: str) -> Piece:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await piece(desk, visit, service, "/operations")
    except TimeoutError:
        return Piece("away")
