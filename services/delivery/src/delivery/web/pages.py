"""Pages for people who hold a link, and the refusals that they get."""

import base64
import hashlib
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape

from delivery.clients.objects import StorageAway
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
# the looks of the other pages (pages/assets/style.css), as far as a page needs them that stands alone
STYLE = """
:root { --ink: #16202e; --soft: #51607a; --paper: #fff; --ground: #f4f6fa; --line: #d9e0ea; --brand: #1d4ed8;
  color-scheme: light dark }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf5; --soft: #aab6c8; --paper: #1a2330; --ground: #0d131c;
  --line: #2c3747 } }
* { box-sizing: border-box }
body { font: 100%/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink);
  background: var(--ground); margin: 0 }
main { max-width: 42rem; margin: 8vh auto; background: var(--paper); padding: 2rem clamp(1.25rem, 5vw, 2.5rem);
  border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 4px 16px rgb(16 24 40 / 6%) }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 .3rem } p { margin: .3rem 0 }
.quiet { color: var(--soft); font-size: .95rem }
section { border-top: 1px solid var(--line); margin-top: 1.4rem; padding-top: 1.2rem }
h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere }
code { font: .8rem/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere }
button { font: inherit; font-weight: 600; color: #fff; background: var(--brand); border: 0; border-radius: 8px;
  padding: .6rem 1.4rem; margin-top: .8rem; cursor: pointer }
button:focus-visible { outline: 3px solid color-mix(in srgb, var(--brand) 55%, transparent); outline-offset: 2px }
button:disabled { background: var(--line); color: var(--soft); cursor: default }
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


def rendered(template: str, language: str, status: int, **facts: Any) -> web.Response:
    """Return a page in the reader's language."""
    chosen = language if language in WORDS else "en"
    text = PAGES.get_template(template).render(style=STYLE, language=chosen, words=WORDS[chosen], **facts)
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)


def refused(request: web.Request, error: Exception, language: str | None) -> web.Response:
    """Return the page of a refusal in the order's language, or the browser's where the order is not known."""
    reason, status = REFUSALS[type(error)]
    if language is None:
        language = "de" if request.headers.get("Accept-Language", "de").lower().startswith("de") else "en"
    heading = "closed" if status < 429 else "later"
    return rendered("refused.html", language, status, reason=reason, heading=heading)
