"""The page behind a link: it shows what there is to download and consumes nothing; its button starts a download."""

import base64
import hashlib
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web
from chassis.db import Begin, Once, Read
from chassis.web import Routes
from jinja2 import Environment, PackageLoader, select_autoescape
from pydantic import Field

from delivery.domain.grants import LinkExpired, LinkRevoked, LinkUnknown, LinkUsedUp
from delivery.usecases import links
from delivery.web.downloads import Limits
from delivery.web.words import MONTHS, WORDS

routes = Routes()

Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
HTML = "text/html"
REASONS: dict[type[Exception], str] = {LinkExpired: "expired", LinkUsedUp: "used_up", LinkRevoked: "revoked"}
PAGES = Environment(
    loader=PackageLoader("delivery.web"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
)
STYLE = """
body { font: 17px/1.5 system-ui, sans-serif; color: #1c2330; background: #f3f5f8; margin: 0 }
main { max-width: 40rem; margin: 8vh auto; background: #fff; padding: 2rem 2.5rem; border-radius: .6rem }
h1 { font-size: 1.4rem; margin: 0 0 .3rem } p { margin: .3rem 0 } .quiet { color: #5a6475; font-size: .95rem }
section { border-top: 1px solid #dde2ea; margin-top: 1.4rem; padding-top: 1.2rem } h2 { font-size: 1.1rem; margin: 0 }
code { font: 12px/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
button { font: inherit; color: #fff; background: #1b5fc1; border: 0; border-radius: .4rem; padding: .6rem 1.4rem;
  margin-top: .8rem; cursor: pointer }
button:disabled { background: #a9b2c0; cursor: default }
table { border-collapse: collapse } th, td { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
}


@routes.get("/d/{token}", also={200: HTML, 404: HTML, 410: HTML})
async def landing(read: Read, request: web.Request, token: Token, limits: Limits) -> web.StreamResponse | Exception:
    """The page of a link, for people; where JSON is asked for, a refusal is a problem."""
    try:
        state = await links.open_link(read, token)
    except LinkUnknown as error:
        return _refused(request, error, "de")
    language = state.link.order.language
    if state.refusal is not None:
        return _refused(request, state.refusal, language)
    return rendered("landing.html", language, 200, **_facts(state, token, limits))


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
        return _refused(request, error, "de")
    if isinstance(reserved, links.LinkState):
        return _refused(request, reserved.refusal or LinkUnknown(), reserved.link.order.language)
    return web.Response(status=303, headers={**HEADERS, "Location": f"{limits.prefix}/t/{reserved}"})


def rendered(template: str, language: str, status: int, **facts: Any) -> web.Response:
    """Return a page in the reader's language."""
    chosen = language if language in WORDS else "en"
    text = PAGES.get_template(template).render(style=STYLE, language=chosen, words=WORDS[chosen], **facts)
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)


def when(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """Return a moment as people read it."""
    local = moment.astimezone(zone)
    if language == "de":
        return f"{local.day}. {MONTHS[local.month - 1]} {local.year}, {local:%H:%M:%S} Uhr ({local.tzname()})"
    return f"{local.day} {local:%B %Y}, {local:%H:%M:%S} ({local.tzname()})"


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


def _refused(request: web.Request, error: Exception, language: str) -> web.StreamResponse | Exception:
    accepted = request.headers.get("Accept", "")
    if "json" in accepted and "text/html" not in accepted:
        return error
    reason = REASONS.get(type(error), "unknown")
    if isinstance(error, LinkUnknown):
        preferred = request.headers.get("Accept-Language", "de").lower()
        language = "de" if preferred.startswith("de") else "en"
    return rendered("refused.html", language, 404 if reason == "unknown" else 410, reason=reason)


def _facts(state: links.LinkState, token: str, limits: Limits) -> dict[str, Any]:
    link, language = state.link, state.link.order.language
    return {
        "product": link.name,
        "order_number": link.order.number,
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
