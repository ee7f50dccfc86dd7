"""The desk: from a request to who sits there, and back to a page."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem
from pages.site import Site, sign_in_first
from pages.upstream import Upstream
from pages.visit import Visit


@dataclass(slots=True)
class Desk:
    """Makes every page; `tenant` is whose staff signs in here, empty where they name it."""

    site: Site
    upstream: Upstream
    tenant: str

    async def receive(self, read: Read, begin: Begin, request: web.Request) -> Visit:
        """Return who asks; leads to the page for signing in where nobody is signed in."""
        visit = await self.site.visit(read, begin, request)
        if visit.session is None:
            raise sign_in_first(visit)
        return visit

    def page(self, visit: Visit, template: str, *, status: int = 200, **facts: Any) -> web.Response:
        """Return a page."""
        return self.site.page(visit, template, status=status, **self.around(), **facts)

    def around(self) -> dict[str, Any]:
        """Return what every page shows."""
        return {"site_name": "Work Center", "has": self.upstream.has}


async def problem_page(request: web.Request, problem: Problem, desk: Desk) -> web.StreamResponse:
    """Show a refusal."""
    return desk.site.problem(desk.site.visitor(request), problem, layout="desk.html", **desk.around())
