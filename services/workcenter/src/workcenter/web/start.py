"""The first page: what waits for somebody."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML
from pages.visit import Visit

from workcenter.domain.roles import BOOKKEEPING, FILES, OPERATOR, REVIEWER, SALES, SUPPORT
from workcenter.web.asking import Piece, piece
from workcenter.web.desk import Desk, may
from workcenter.web.services import all_services

routes = Routes()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A list of what waits: where it is asked for, who may, and the page that shows it.

    Of lists that open personal data the number is asked for, for each opening is recorded.
    """

    name: str
    icon: str
    service: str
    route: str
    path: str
    roles: tuple[str, ...]
    query: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Card:
    """What waits, and how much of it."""

    name: str
    icon: str
    path: str
    piece: Piece

    @property
    def count(self) -> int:
        """How many there are at least."""
        if self.piece.here and "count" in self.piece.facts:
            return self.piece.facts["count"]
        return len(self.piece.entries)

    @property
    def shown(self) -> str:
        """How many there are, with a plus where there are more."""
        return f"{self.count}+" if self.piece.following else str(self.count)


LISTS: Final = (
    Waiting(
        "unpaid",
        "clock",
        "orders",
        "/orders",
        "/orders?state=open",
        (SALES, SUPPORT, BOOKKEEPING),
        {"state": "open", "limit": 100},
    ),
    Waiting("keys", "key", "licensing", "/backorders", "/articles/waiting-for-keys", (FILES, SALES, SUPPORT)),
    Waiting(
        "boxes",
        "truck",
        "orders",
        "/orders",
        "/orders?to_ship=true",
        (SALES,),
        {"to_ship": True, "limit": 100},
    ),
    Waiting(
        "withdrawals",
        "arrow-uturn-left",
        "orders",
        "/withdrawals",
        "/withdrawals",
        (SALES, SUPPORT),
        {"waiting": True, "limit": 100},
    ),
    Waiting(
        "missing", "document-minus", "delivery", "/missing-files", "/articles/missing-files", (FILES, SALES, SUPPORT)
    ),
    Waiting("bounced", "envelope", "letters", "/bounced-emails", "/emails", (SUPPORT, SALES), {"limit": 100}),
    Waiting("review", "banknotes", "payments", "/review/count", "/money/review", (BOOKKEEPING,)),
    Waiting("payouts", "arrow-uturn-left", "payments", "/payouts/count", "/money/payouts", (BOOKKEEPING,)),
    Waiting(
        "unexplained",
        "question-mark-circle",
        "orders",
        "/unexplained-refunds",
        "/money/unexplained",
        (SALES, BOOKKEEPING),
    ),
    Waiting(
        "redemptions",
        "gift",
        "rewards",
        "/redemptions",
        "/rewards?state=open",
        (SUPPORT,),
        {"state": "open", "limit": 100},
    ),
    Waiting("claims", "scale", "mail-relay", "/claims", "/cases/claims", (REVIEWER,), {"limit": 100}),
    Waiting("held", "hand-raised", "mail-relay", "/held-messages", "/cases", (REVIEWER,), {"limit": 100}),
    Waiting("exports", "archive-box-arrow-down", "mail-relay", "/exports", "/cases/exports", (REVIEWER,)),
)


@routes.get("/", also={200: HTML})
async def view(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """What waits for whoever is signed in, by their roles."""
    visit = await desk.receive(read, begin, request)
    mine = [one for one in LISTS if desk.upstream.has(one.service) and may(visit, *one.roles)]
    found = await asyncio.gather(*(piece(desk, visit, one.service, one.route, **one.query) for one in mine))
    standing = await _standing(desk, visit)
    cards = [Card(one.name, one.icon, one.path, part) for one, part in zip(mine, found, strict=True)]
    return desk.page(visit, "start.html", cards=cards + standing, lacking=await _lacking(desk, visit))


async def _lacking(desk: Desk, visit: Visit) -> list[dict[str, Any]]:
    """Return the shops that are open without texts that the law asks for."""
    if not may(visit, SALES, OPERATOR):
        return []
    return [shop for shop in (await piece(desk, visit, "storefront", "/shops")).entries if shop["missing"]]


async def _standing(desk: Desk, visit: Visit) -> list[Card]:
    """Return the card of events that no service could handle, for operators; what is away is not counted."""
    if not may(visit, OPERATOR):
        return []
    found = await all_services(desk, visit)
    dead = Piece("here", {"count": sum(one.dead for one in found)})
    return [Card("standing", "server-stack", "/services", dead)]
