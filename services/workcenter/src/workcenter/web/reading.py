"""Pages whose reading is recorded: opened by a link or after a form, and again with Back, each time recorded anew."""

from typing import Any, Final

from aiohttp import web
from chassis.web import Problem
from pages.sealed import seal, unseal
from pages.site import see
from pages.visit import Visit

from workcenter.web.asking import Piece
from workcenter.web.desk import Desk

# who asks from here, or by an address that they typed or kept (Fetch Metadata, 2.4)
OURS: Final = ("same-origin", "none")
GONE: Final = 410


def opened_here(request: web.Request, above: str) -> None:
    """Lead to the page above whoever a page of another site has sent: no foreign link writes into an audit log."""
    if request.headers.get("Sec-Fetch-Site", "none") not in OURS:
        raise web.HTTPSeeOther(above, headers={"Cache-Control": "no-store"})


def read_at(visit: Visit, path: str, **typed: str) -> web.Response:
    """Lead from a form to the page that reads; its address has what was typed, sealed."""
    return see(f"{path}?asked={seal(visit, path, typed)}")


def asked_at(visit: Visit, path: str, sealed: str) -> dict[str, str] | None:
    """Return what was typed into the form that leads to a page; None where it was not this browser's form."""
    return unseal(visit, path, sealed)


async def name_of(desk: Desk, visit: Visit, customer: object) -> Piece:
    """Return what a customer is called, which is recorded; `none` where the customer is erased."""
    try:
        found: dict[str, Any] = await desk.upstream.get(visit, "accounts", f"/customers/{customer}/name")
    except Problem as refused:
        if refused.status != GONE:
            raise
        return Piece("none")
    return Piece("here", found)
