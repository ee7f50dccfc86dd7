"""The page behind a link: it shows what there is to download and consumes nothing; its button starts a download."""

from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web
from chassis.db import Begin, Once, Read
from chassis.web import Routes
from pydantic import Field

from delivery.domain.brand import Brand
from delivery.domain.grants import LinkUnknown
from delivery.store import shops
from delivery.usecases import links
from delivery.web.downloads import Limits
from delivery.web.pages import HEADERS, refused, rendered
from delivery.web.words import MONTHS

routes = Routes()

# whatever was made of an address is looked up, so that its holder gets a page
Token = Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
HTML = "text/html"


class Under(NamedTuple):
    """The brand under which a page is shown, and the address of its shop."""

    brand: Brand | None
    shop: str


@routes.get("/d/{token}", also={200: HTML, 404: HTML, 410: HTML})
async def landing(read: Read, request: web.Request, token: Token, limits: Limits) -> web.StreamResponse | Exception:
    """The page of a link, for people; where JSON is asked for, a refusal is a problem."""
    try:
        state = await links.open_link(read, token)
    except LinkUnknown as error:
        return _refused(request, error, None)
    under = await _brand(read, state, limits)
    language = state.link.order.language
    if state.refusal is not None:
        return _refused(request, state.refusal, language, under)
    return rendered("landing.html", language, 200, *under, **_facts(state, token, limits))


@routes.post("/d/{token}/files/{file}", also={303: None, 404: HTML, 410: HTML})
async def start_download(
    read: Read, once: Once, begin: Begin, request: web.Request, token: Token, file: UUID, limits: Limits
) -> web.StreamResponse | Exception:
    """Start a download: one of the count is reserved, and its secret address is where the answer points to."""
    asked = (token, file, limits.session_lifetime)
    try:
        reserved = await links.try_reserve(read, once, *asked)
        if reserved is None:
            async with begin() as tx:
                reserved = await links.reserve_locked(tx, *asked)
    except LinkUnknown as error:
        return _refused(request, error, None)
    if isinstance(reserved, links.LinkState):
        under = await _brand(read, reserved, limits)
        return _refused(request, reserved.refusal or LinkUnknown(), reserved.link.order.language, under)
    return web.Response(status=303, headers={**HEADERS, "Location": f"{limits.prefix}/t/{reserved}"})


def when(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """Return a moment as people read it."""
    local = moment.astimezone(zone)
    if language == "de":
        return f"{local.day}. {MONTHS[local.month - 1]} {local.year}, {local:%H:%M:%S} Uhr ({local.tzname()})"
    return f"{local.day} {local:%B %Y}, {local:%H:%M:%S} ({local.tzname()})"


def hours_text(time: timedelta, language: str) -> str:
    """Return a time of whole hours as people read it."""
    hours = int(time.total_seconds() // 3600)
    one, many = ("Stunde", "Stunden") if language == "de" else ("hour", "hours")
    return f"{hours} {one if hours == 1 else many}"


def bytes_text(size: int, language: str) -> str:
    """Return a size as people read it, beside the exact number of bytes."""
    value, unit = float(size), "Bytes"
    for unit in ("Bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    exact = f"{size:,}"
    rough = f"{value:.1f} {unit}" if unit != "Bytes" else f"{size} Bytes"
    if language == "de":
        exact, rough = exact.replace(",", "."), rough.replace(".", ",")
    return rough if unit == "Bytes" else f"{rough} ({exact} Bytes)"


async def _brand(read: Read, state: links.LinkState, limits: Limits) -> Under:
    """Return the brand of the shop in which a link was bought, and its address; neither where it is not known."""
    order = state.link.order
    brand = await shops.of_channel(read, order.tenant, order.channel)
    return Under(brand, f"{limits.scheme}://{brand.host}/" if brand and brand.host else "")


def _refused(
    request: web.Request, error: Exception, language: str | None, under: Under | None = None
) -> web.StreamResponse | Exception:
    accepted = request.headers.get("Accept", "")
    if "json" in accepted and "text/html" not in accepted:
        return error
    return refused(request, error, language, *(under or (None, "")))


def _facts(state: links.LinkState, token: str, limits: Limits) -> dict[str, Any]:
    link, language = state.link, state.link.order.language
    return {
        "product": link.name,
        "order_number": link.order.number,
        "resumable": hours_text(limits.session_lifetime, language),
        "until": when(link.grant.valid_until, language, limits.zone),
        "files": [
            {
                "name": use.file.name,
                "version": use.file.version,
                "size": bytes_text(use.file.size, language),
                "sha256": use.file.sha256,
                "left": use.left(link.grant.download_limit),
                "action": f"{limits.prefix}/d/{token}/files/{use.file.id}",
            }
            for use in sorted(state.files, key=lambda use: use.file.name)
        ],
    }
