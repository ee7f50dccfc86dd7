"""A site: its templates, words and assets, and from a request to a visit and to a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, address_of
from heroicons.jinja import heroicon_mini, heroicon_outline
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from pages import formats, words
from pages.assets import Assets
from pages.sessions import Sessions
from pages.visit import LANGUAGE, VISITOR, Visit, cookie_name, is_visitor, new_visitor, set_cookie

HTML: Final = "text/html"
# what an address is made of beside letters and digits (RFC 3986, 2)
ADDRESS: Final = "%:/?#[]@!$&'()*+,;="
# what a page may load and do: everything of its own, nothing of others, nothing inline (CSP 3; ASVS 5.0, 3.4)
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FORMS: Final = "form-action 'self'"
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "private, no-store",
}


class Templates(Environment):
    """Templates in which `thing.keys` is what stands under that name, and never a method of dictionaries."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an entry of a mapping, or else an attribute."""
        if isinstance(obj, dict) and attribute in obj:
            return cast("dict[str, Any]", obj)[attribute]
        return super().getattr(obj, attribute)


@dataclass(slots=True)
class Site:
    """The pages of the service `name`; its `packages` have folders `templates`, `words` and `assets`."""

    name: str
    sessions: Sessions
    public_url: str
    zone: ZoneInfo
    trusted_proxies: int
    packages: Iterable[str]
    shared: Mapping[str, Any] = field(default_factory=dict[str, Any])
    assets: Assets = field(init=False)
    words: dict[str, Mapping[str, Any]] = field(init=False)
    _templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        packages = ("pages", *self.packages)
        self.assets = Assets("chassis", *packages)
        self.words = words.read(*packages)
        self._templates = Templates(
            loader=ChoiceLoader([PackageLoader(package) for package in reversed(packages)]),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        formats.install(self._templates, self.zone)
        available: dict[str, Any] = self._templates.globals
        available |= {
            "asset": self._asset,
            "icon": partial(heroicon_outline, size=None, **{"class": "icon", "aria_hidden": "true"}),
            "small_icon": partial(heroicon_mini, size=None, **{"class": "icon small", "aria_hidden": "true"}),
            **self.shared,
        }

    def _asset(self, name: str) -> str:
        return f"/assets/{self.assets.names[name]}"

    async def visit(self, read: Read, begin: Begin, request: web.Request) -> Visit:
        """Return who asks, with their session if one has begun; the session's tokens are renewed where they end."""
        visit = self.visitor(request)
        return visit if visit.fresh else replace(visit, session=await self.sessions.find(read, begin, visit))

    def visitor(self, request: web.Request) -> Visit:
        """Return who asks, without looking for a session."""
        known = request.cookies.get(self._cookie(VISITOR), "")
        fresh = not is_visitor(known)
        language = request.cookies.get(self._cookie(LANGUAGE))
        return Visit(
            visitor=new_visitor() if fresh else known,
            fresh=fresh,
            language=words.chosen(language, request.headers.get("Accept-Language", "")),
            address=address_of(request, self.trusted_proxies),
            path=request.path_qs,
            origin=self.origin(request).lower(),
        )

    def page(self, visit: Visit, template: str, *, status: int = 200, leads_to: str = "", **facts: Any) -> web.Response:
        """Return a page; it is shown to this visitor alone, and kept by nobody.

        `leads_to` is an origin to which what is answered to its forms may lead: browsers hold redirects after a form
        to the same rule as the form (CSP 3, 6.4.1).
        """
        text = self.piece(visit, template, help_name=help_name(template), **facts)
        response = web.Response(status=status, text=text, content_type=HTML, headers=HEADERS)
        if leads_to:
            response.headers["Content-Security-Policy"] = POLICY.replace(FORMS, f"{FORMS} {leads_to}")
        if visit.fresh:
            self.keep(response, VISITOR, visit.visitor)
        return response

    def piece(self, visit: Visit, template: str, **facts: Any) -> str:
        """Return a piece of a page."""
        found = self._templates.get_template(template)
        return found.render(visit=visit, language=visit.language, words=self.words[visit.language], **facts)

    def problem(self, visit: Visit, problem: Problem, **facts: Any) -> web.Response:
        """Return the page of a refusal: what happened and what to do next, in the visitor's language."""
        response = self.page(visit, "problem.html", status=problem.status, problem=problem, **facts)
        response.headers.update(problem.headers)
        return response

    def origin(self, request: web.Request) -> str:
        """Return the origin at which a browser sees this site; with TLS, wherever it ends."""
        return f"{self.public_url.partition('://')[0]}://{request.host}"

    def greet(self, response: web.StreamResponse, visitor: str) -> None:
        """Give the browser another visitor's cookie, as whenever a session begins or ends (ASVS 7.2.4)."""
        self.keep(response, VISITOR, visitor)

    def keep(self, response: web.StreamResponse, name: str, value: str) -> None:
        """Let the browser keep something for a year, for this service alone."""
        set_cookie(response, f"{self.name}-{name}", value, self.public_url)

    def kept(self, request: web.Request, name: str) -> str:
        """Return what the browser keeps under a name, nothing where it keeps nothing."""
        return request.cookies.get(self._cookie(name), "")

    def _cookie(self, name: str) -> str:
        # browsers do not tell ports apart, and on one machine the services differ by nothing else
        return cookie_name(f"{self.name}-{name}", self.public_url)


def help_name(template: str) -> str:
    """Return the name of the help about a page, which is that of its template."""
    return template.removesuffix(".html").replace("/", "-")


def see(address: str) -> web.Response:
    """Lead the browser to a page of ours after a form (RFC 9110, 303); a path of ours only."""
    own = address.startswith("/") and not address.startswith(("//", "/\\"))
    # browsers take tabs and line ends out of an address, and what was two slashes apart leads away
    location = quote(address, safe=ADDRESS) if own else "/"
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


def sign_in_first(visit: Visit) -> web.HTTPSeeOther:
    """Return what leads to the page for signing in, and back afterwards; it is raised."""
    return web.HTTPSeeOther(f"/sign-in?after={quote(visit.path, safe='/')}", headers={"Cache-Control": "no-store"})
