"""Pages for people who hold a link, and the refusals that they get."""

from functools import lru_cache
from typing import Any

from aiohttp import web
from chassis.looks import SHEET, ink_on, style_source
from jinja2 import Environment, PackageLoader, select_autoescape

from delivery.clients.objects import StorageAway
from delivery.domain.brand import Brand
from delivery.domain.files import FileDamaged, FileRetired
from delivery.domain.grants import LinkExpired, LinkRevoked, LinkSuspended, LinkUnknown, LinkUsedUp
from delivery.domain.sessions import DownloadDone, SessionOver, TooManyConnections
from delivery.web.words import WORDS

# what each refusal is called in the words, and its status
REFUSALS: dict[type[Exception], tuple[str, int]] = {
    LinkUnknown: ("unknown", 404),
    LinkExpired: ("expired", 410),
    LinkUsedUp: ("used_up", 410),
    LinkRevoked: ("revoked", 410),
    LinkSuspended: ("suspended", 410),
    SessionOver: ("session_over", 410),
    DownloadDone: ("download_done", 410),
    TooManyConnections: ("too_many", 429),
    FileRetired: ("retired", 410),
    FileDamaged: ("damaged", 503),
    StorageAway: ("away", 503),
}
PAGES = Environment(
    loader=PackageLoader("delivery.web"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
)
# the looks of all pages, carried by one that stands alone; below, what it alone has
STYLE = f"""{SHEET}
main {{ flex: none; max-width: 42rem; margin: clamp(1rem, 7vh, 5rem) auto; padding: 0 1.25rem }}
header.head + main {{ margin-top: clamp(1rem, 4vh, 3rem) }}
main > .card {{ padding: clamp(1.25rem, 5vw, 2.5rem) }}
h1 {{ font-size: var(--step-2); margin-bottom: 0.5rem }} h2 {{ font-size: var(--step-1); overflow-wrap: anywhere }}
p {{ margin: 0.3rem 0 }}
section {{ border-top: 1px solid var(--line); margin-top: 1.4rem; padding-top: 1.2rem }}
form {{ margin-top: 0.9rem }}
"""
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {style_source(STYLE)}; img-src data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}


def rendered(
    template: str, language: str, status: int, brand: Brand | None = None, shop: str = "", **facts: Any
) -> web.Response:
    """Return a page in the reader's language, under a shop's brand, which may lead to its address `shop`."""
    chosen = language if language in WORDS else "en"
    style, headers = _looks(brand.color if brand else None)
    shown: dict[str, Any] = {"style": style, "language": chosen, "words": WORDS[chosen], "brand": brand, "shop": shop}
    text = PAGES.get_template(template).render(**shown, **facts)
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


@lru_cache(maxsize=256)
def _looks(color: str | None) -> tuple[str, dict[str, str]]:
    """Return the style of pages in a brand's colour, and the headers of such pages, whose policy names its hash."""
    if color is None:
        return STYLE, HEADERS
    style = f"{STYLE}:root {{ --brand: {color}; --on-brand: {ink_on(color)} }}\n"
    policy = HEADERS["Content-Security-Policy"].replace(style_source(STYLE), style_source(style))
    return style, HEADERS | {"Content-Security-Policy": policy}


def refused(
    request: web.Request, error: Exception, language: str | None, brand: Brand | None = None, shop: str = ""
) -> web.Response:
    """Return the page of a refusal in the order's language, or the browser's where the order is not known."""
    reason, status = REFUSALS[type(error)]
    if language is None:
        language = "de" if request.headers.get("Accept-Language", "de").lower().startswith("de") else "en"
    heading = "closed" if status < 429 else "later"
    return rendered("refused.html", language, status, brand, shop, reason=reason, heading=heading)
