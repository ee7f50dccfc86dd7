"""Files again, without the letter: all links of a customer, and a button for each file."""

from typing import Any
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
GRANTS = 20


@routes.get("/account/downloads", also={200: HTML})
async def downloads(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """All links with their files, and how often each may still be fetched."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, cursor)


@routes.post(
    "/account/downloads/{grant}/files/{file}", takes=(forms.FORM,), also={200: HTML, 404: HTML, 410: HTML, 429: HTML}
)
async def start(read: Read, begin: Begin, request: web.Request, front: Front, grant: UUID, file: UUID) -> web.Response:
    """Start a download, and lead to it.

    A page in between, for a form may not lead to another site (CSP, `form-action`).
    """
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        started = await front.upstream.post(call.visit, "delivery", f"/me/grants/{grant}/files/{file}")
    except Problem as refused:
        if refused.status != 410:
            raise
        return await _page(front, call, None, status=410, refusal=refused.kind)
    address = address_of(front.delivery_url, started["url"])
    response = room.page(front, call, "downloads", "download.html", address=address)
    response.headers["Refresh"] = f"0; url={address}"
    return response


def address_of(delivery: str, path: str) -> str:
    """Return where a browser fetches what delivery names by its path, whatever path delivery's own address has."""
    scheme, _, rest = delivery.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}{path}"


async def _page(front: Front, call: Call, cursor: str | None, *, status: int = 200, refusal: str = "") -> web.Response:
    found: dict[str, Any] = await front.upstream.get(call.visit, "delivery", "/me/grants", limit=GRANTS, cursor=cursor)
    return room.page(
        front,
        call,
        "downloads",
        "downloads.html",
        status=status,
        grants=found["items"],
        more=found["next"],
        later=cursor,
        refusal=refusal,
    )
