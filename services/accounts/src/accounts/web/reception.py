"""The reception: whoever comes to the pages of accounts comes for a shop, and is received under its name."""

from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from chassis.db import Read
from chassis.web import Limiter, Problem, address_of, network_of
from pages.addresses import AccountsPages
from pages.site import Site
from pages.visit import Visit

from accounts.domain.authorization import LANGUAGES, Asked, Client, ClientUnknown, RequestUnfit, Workcenter, name_of
from accounts.domain.passkey import is_domain, lies_within
from accounts.usecases import authorizing
from accounts.usecases.relying_party import RelyingParty
from accounts.web.attempts import Attempts

MOST_REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody at a page of accounts: for which shop they came, and what it has asked for."""

    client: Client
    asked: Asked
    issuer: str
    visit: Visit

    @property
    def shop(self) -> str:
        """The origin of the shop."""
        return self.asked.redirect_uri.removesuffix("/signed-in")

    @property
    def host(self) -> str:
        """The name of the shop's host."""
        return name_of(self.shop.partition("://")[2])


@dataclass(slots=True)
class Reception:
    """Makes every page of accounts, and counts who comes how often.

    `attempts` and the limiters count the networks of browsers, which come here by other ways than programs do:
    through so many `proxies`.
    """

    site: Site
    pages: AccountsPages
    attempts: Attempts
    proxies: int
    sign_ins: Limiter
    registrations: Limiter
    workcenter: Workcenter
    _clients: dict[str, Client] = field(default_factory=dict[str, Client])

    async def receive(self, read: Read, request: web.Request, packed: str) -> Call:
        """Return for which shop somebody is here; raises ClientUnknown, and nobody is led anywhere."""
        asked = Asked.unpacked(packed)
        call = await self.call(read, request, asked)
        try:
            asked.check()
        except RequestUnfit:
            raise ClientUnknown from None
        return call

    async def call(self, read: Read, request: web.Request, asked: Asked) -> Call:
        """Return the call for what a client asks, whatever that is; raises ClientUnknown.

        A shop's pages are shown at the shop's own name alone, so that nobody reads one name and sees another's.
        """
        client = await authorizing.client_of(read, asked.client, self.workcenter)
        host = client.host_of(asked.redirect_uri)
        issuer = self.pages.at(host) if host is not None else ""
        if not issuer or urlsplit(issuer).netloc != request.host.lower():
            raise ClientUnknown
        if len(self._clients) >= MOST_REMEMBERED:
            self._clients.clear()
        self._clients[client.id] = client
        return Call(client, asked, issuer, self._visit(request, asked))

    def count(self, request: web.Request, limiter: Limiter) -> None:
        """Count a try of the browser's network; raises Problem where there were too many."""
        seconds = limiter.wait(network_of(address_of(request, self.proxies)))
        if seconds:
            raise Problem(
                429, "too-many-requests", "Too many requests; wait a moment.", {"Retry-After": str(int(seconds) + 1)}
            )

    def page(self, call: Call, template: str, *, status: int = 200, **facts: Any) -> web.Response:
        """Return a page under the shop's name; its forms lead nowhere but here and there."""
        around = self._around(call.client, call.shop, call.asked)
        return self.site.page(call.visit, template, status=status, leads_to=call.shop, **around, **facts)

    def problem(self, request: web.Request, problem: Problem) -> web.Response:
        """Return the page of a refusal, under the shop's name where it is certain."""
        try:
            asked = Asked.unpacked(request.query.get("request", ""))
            client = self._clients[asked.client]
        except (ClientUnknown, KeyError):
            visit = self.site.visitor(request)
            return self.site.problem(visit, problem, layout="bare.html", site_name="Kontor", shop="")
        shop = asked.redirect_uri.removesuffix("/signed-in") if client.host_of(asked.redirect_uri) else ""
        around = self._around(client, shop, asked)
        return self.site.problem(self._visit(request, asked), problem, layout="accounts.html", **around)

    def _around(self, client: Client, shop: str, asked: Asked) -> dict[str, Any]:
        spoken = {one: replace(asked, language=one).packed() for one in LANGUAGES}
        return {
            "brand": client.brand,
            "brand_css": "" if client.staff else f"/clients/{client.id}/brand.css",
            "staff": client.staff,
            "site_name": client.brand.name,
            "shop": shop,
            "purpose": asked.purpose,
            "once_more": asked.once_more,
            "asked": asked.packed(),
            "spoken": spoken,
        }

    def _visit(self, request: web.Request, asked: Asked) -> Visit:
        visit = self.site.visitor(request)
        return replace(visit, language=asked.language) if asked.language in LANGUAGES else visit


def lead_back(call: Call, **answer: str) -> web.Response:
    """Lead the browser back to the client with an answer, which names who gives it (RFC 6749, 4.1.2; RFC 9207)."""
    named = {**answer, "iss": call.issuer} | ({"state": call.asked.state} if call.asked.state else {})
    headers = {
        "Location": f"{call.asked.redirect_uri}?{urlencode(named)}",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(status=303, headers=headers)


def step_page(reception: Reception, call: Call, step: str, *, status: int, refusal: str = "") -> web.Response:
    """Return the page that asks whoever has named the right password for the code alone."""
    return reception.page(call, "code.html", status=status, step=step, refusal=refusal)


def at(path: str, call: Call, **more: str) -> str:
    """Return the address of a page of ours for the same request."""
    return f"/authorize/{path}?{urlencode({'request': call.asked.packed(), **more})}"


def has_passkeys(call: Call, party: RelyingParty) -> bool:
    """Return whether passkeys can be of use here: the page has to lie within the domain to which they belong."""
    domain = here(call, party).id
    return is_domain(domain) and lies_within(urlsplit(call.issuer).hostname or "", domain)


def here(call: Call, party: RelyingParty) -> RelyingParty:
    """Return the relying party of the shop for which somebody is here."""
    return party.at(call.host, call.issuer)


async def problem_page(request: web.Request, problem: Problem, reception: Reception) -> web.StreamResponse:
    """Show a refusal to people."""
    return reception.problem(request, problem)
