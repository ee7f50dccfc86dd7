"""Files again, without the letter: all links of a customer, and a button for each file."""

from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import set_cookie

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
GRANTS = 20
# the download that was started last, as the browser keeps it
STARTED, STARTED_SECONDS = "started", 600
# between its path and the order from whose page it was started, if from one
PART = "!"


@routes.get("/account/downloads", also={200: HTML})
async def downloads(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """All links with their files, and how often each may still be fetched."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, cursor)


@routes.get("/account/downloads/started", also={200: HTML, 303: None})
async def started(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Lead to a download that was started just now; read again, it is the same one, and counts once.

    A page in between, for a form may not lead to another site (CSP, `form-action`).
    """
    call = await front.customer(read, begin, request)
    path, _, order = (unquote(part) for part in front.site.kept(request, STARTED).partition(PART))
    if not path.startswith("/") or path.startswith("//"):
        return see("/account/downloads")
    address = address_of(front.delivery_url, path)
    response = room.page(front, call, "downloads", "download.html", address=address, order=_order_of([order]))
    response.headers["Refresh"] = f"0; url={address}"
    return response


@routes.post(
    "/account/downloads/{grant}/files/{file}", takes=(forms.FORM,), also={303: None, 404: HTML, 410: HTML, 429: HTML}
)
async def start(read: Read, begin: Begin, request: web.Request, front: Front, grant: UUID, file: UUID) -> web.Response:
    """Start a download, and lead to its page; the browser keeps where it is for some minutes, in no address."""
    call = await front.customer(read, begin, request)
    found = await forms.fields(request, call.visit)
    try:
        begun = await front.upstream.post(call.visit, "delivery", f"/me/grants/{grant}/files/{file}")
    except Problem as refused:
        if refused.status != 410:
            raise
        return await _page(front, call, None, status=410, refusal=refused.kind)
    response = see("/account/downloads/started")
    order = _order_of(found.get("order", []))
    kept = PART.join([quote(begun["url"], safe=""), order])
    set_cookie(response, f"{front.site.name}-{STARTED}", kept, front.site.public_url, STARTED_SECONDS)
    return response


def _order_of(named: list[str]) -> str:
    """Return the order to whose page the way leads back, empty where none is named."""
    try:
        return str(UUID(named[0])) if named else ""
    except ValueError:
        return ""


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
