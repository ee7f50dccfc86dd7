"""The desk: from a request to who sits there, and back to a page."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem
from pages.addresses import AccountsPages
from pages.authorization import Client
from pages.returning import NOT_FOR_GET, page_above
from pages.site import Site, see, sign_in_first
from pages.upstream import Upstream
from pages.visit import Session, Visit
from pydantic import BeforeValidator, Field

from pages import forms
from workcenter.domain.roles import part_at, parts_of

# what the page that follows a form tells of it: `done-...` or `refused-...`
Note = Annotated[str, Field(pattern=r"^[a-z0-9-]{0,80}$")]
Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Sku = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
# how accounts calls the Work Center, in front of the tenant
WORKCENTER: Final = "workcenter"
FORM: Final = (forms.FORM,)
# where a request keeps who asks, for the page of a refusal
VISIT: Final = "visit"
# of a list that is sorted or filtered otherwise than it comes, so many of the newest are looked at
MOST_SORTED: Final = 200
# a form or a file that has no end: no page can show it again
TORN: Final = "malformed"
REFUSALS: Final = frozenset({400, 404, 409, 413, 415, 422})


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


# in front of a list's fields: a form with one box ticked sends one text
many: Final = BeforeValidator(_many)


@dataclass(slots=True)
class Desk:
    """Makes every page; `tenant` is whose staff signs in here, empty where they name it.

    `accounts_pages` is where browsers sign in.
    """

    site: Site
    upstream: Upstream
    tenant: str
    accounts_pages: AccountsPages

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what people read."""
        return self.site.zone

    async def receive(self, read: Read, begin: Begin, request: web.Request) -> Visit:
        """Return who asks; leads to the page for signing in, or for the second factor that staff must have.

        Raises Problem 403 for a page of a part that none of their roles may see.
        """
        visit = await self.site.visit(read, begin, request)
        if visit.session is None:
            raise sign_in_first(visit)
        request[VISIT] = visit
        if visit.session.must_enrol and request.path != "/second-factor":
            raise web.HTTPSeeOther("/second-factor", headers={"Cache-Control": "no-store"})
        part = part_at(request.path)
        if part is not None and part.roles.isdisjoint(visit.session.roles):
            raise Problem(403, "forbidden", "Your role does not allow this.")
        return visit

    def page(self, visit: Visit, template: str, *, status: int = 200, place: str = "", **facts: Any) -> web.Response:
        """Return a page; `place` is where one comes back to it, for a page that follows a form."""
        leads_to = self.client(visit).accounts
        return self.site.page(visit, template, status=status, leads_to=leads_to, **self.around(visit, place), **facts)

    def client(self, visit: Visit, tenant: str = "") -> Client:
        """Return what the Work Center is to accounts for the staff of a tenant, or of any."""
        accounts = self.accounts_pages.at(visit.origin.partition("://")[2])
        return Client(f"{WORKCENTER}:{tenant}" if tenant else "", visit.origin, accounts)

    def around(self, visit: Visit, place: str = "") -> dict[str, Any]:
        """Return what every page shows."""
        place = place or visit.path
        return {
            "site_name": "Work Center",
            "most_sorted": MOST_SORTED,
            "has": self.upstream.has,
            "parts_seen": parts_of(visit.session.roles if visit.session else (), self.upstream.addresses),
            "part_here": part.name if (part := part_at(place)) else "",
            "place": place,
        }


async def act(work: Awaitable[Any], address: str, done: str) -> web.Response:
    """Do what a form asks for, and lead back to the page, which tells what became of it."""
    try:
        await work
    except Problem as refused:
        if refused.status not in REFUSALS or refused.kind == TORN:
            raise
        return see(noted(address, f"refused-{refused.kind}"))
    return see(noted(address, f"done-{done}"))


def noted(address: str, note: str) -> str:
    """Return an address of ours whose page shows a note."""
    parts = urlsplit(address)
    query = f"{parts.query}&note={note}" if parts.query else f"note={note}"
    return f"{parts.path}?{query}" + (f"#{parts.fragment}" if parts.fragment else "")


def session_of(visit: Visit) -> Session:
    """Return the session of a visit that the desk has received."""
    if visit.session is None:
        raise sign_in_first(visit)
    return visit.session


def may(visit: Visit, *roles: str) -> bool:
    """Return whether who looks has one of these roles."""
    return not set(roles).isdisjoint(session_of(visit).roles)


async def problem_page(request: web.Request, problem: Problem, desk: Desk) -> web.StreamResponse:
    """Show a refusal, and where else to go, as far as the desk had found out who asks.

    Whoever comes to the address of a form without the form is led to the page that it is on.
    """
    if problem.status == NOT_FOR_GET and (above := await page_above(request)) is not None:
        return see(above)
    visit: Visit = request.get(VISIT) or desk.site.visitor(request)
    leads_to = desk.client(visit).accounts
    return desk.site.problem(visit, problem, layout="desk.html", leads_to=leads_to, **desk.around(visit, "/"))
