"""The front of a shop: from a request to its shop, visitor and cart, and back to a page."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import structlog
from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, not_found
from pages.acting import acting_of
from pages.addresses import AccountsPages
from pages.authorization import Client
from pages.returning import NOT_FOR_GET, page_above
from pages.site import Site, see, sign_in_first
from pages.streams import Streams
from pages.upstream import Upstream
from pages.visit import Session, Visit

from storefront.domain import net
from storefront.domain.cart import Cart
from storefront.domain.shop import Shop
from storefront.domain.showcase import Family
from storefront.store import shops
from storefront.web.listings import LISTING_SECONDS, Listings

CART: Final = "cart"
# where a request keeps whose it is, for the page of a refusal
VISIT: Final = "visit"
TOO_MANY: Final = 429
INTERNAL: Final = 500
SHOP_SECONDS: Final = 5.0
MOST_REMEMBERED: Final = 1000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """A visitor's request to a shop at one of its addresses."""

    shop: Shop
    origin: str
    visit: Visit
    cart: Cart

    @property
    def session(self) -> Session:
        """The session of the customer; leads to the page for signing in where there is none."""
        if self.visit.session is None:
            raise sign_in_first(self.visit)
        return self.visit.session


@dataclass(slots=True)
class Front:
    """Makes every page; `delivery_url` is where browsers fetch files, `accounts_pages` where they sign in."""

    site: Site
    upstream: Upstream
    delivery_url: str
    accounts_pages: AccountsPages
    streams: Streams = field(default_factory=Streams)
    _shops: dict[str, tuple[float, Shop | None]] = field(default_factory=dict[str, tuple[float, Shop | None]])
    _listings: Listings = field(init=False)
    _rates: dict[tuple[str, str], tuple[float, dict[str, int]]] = field(
        default_factory=dict[tuple[str, str], tuple[float, dict[str, int]]]
    )
    _used_up: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict[str, tuple[float, frozenset[str]]])
    _details: dict[tuple[str, str, UUID], tuple[float, Any]] = field(
        default_factory=dict[tuple[str, str, UUID], tuple[float, Any]]
    )

    def __post_init__(self) -> None:
        self._listings = Listings(self.upstream)

    async def receive(self, read: Read, begin: Begin, request: web.Request) -> Call:
        """Return whose request it is and to which shop; raises Problem 404 where no shop is at this address."""
        shop = await self._shop(read, request.host.lower())
        visit = await self.site.visit(read, begin, request)
        if visit.session is not None and visit.session.tenant != shop.tenant:
            visit = self.site.visitor(request)
        request[VISIT] = visit
        return Call(shop, self.site.origin(request).lower(), visit, Cart.read(self.site.kept(request, CART)))

    async def passer_by(self, read: Read, request: web.Request) -> Call:
        """Return a call without a session, for what is the same for everybody; raises Problem as `receive` does."""
        shop = await self._shop(read, request.host.lower())
        return Call(shop, self.site.origin(request).lower(), self.site.visitor(request), Cart.read(""))

    async def customer(self, read: Read, begin: Begin, request: web.Request) -> Call:
        """Return the call of a customer, or lead to the page for signing in, or to that for confirming the address."""
        call = await self.receive(read, begin, request)
        if call.session.must_confirm:
            raise confirm_first(call.visit.path)
        return call

    def known(self, request: web.Request) -> Shop | None:
        """Return the shop at the address of a request, if it was asked for lately."""
        return self._shops.get(request.host.lower(), (0.0, None))[1]

    def page(self, call: Call, template: str, *, status: int = 200, **facts: Any) -> web.Response:
        """Return a page of the shop."""
        return self.site.page(
            call.visit, template, status=status, leads_to=self.accounts_of(call), **self.around(call), **facts
        )

    def accounts_of(self, call: Call) -> str:
        """Return the origin of the pages of accounts for whoever is at this shop."""
        return self.accounts_pages.at(call.origin.partition("://")[2])

    def client(self, call: Call) -> Client:
        """Return what the shop is to accounts."""
        return Client(call.shop.id, call.origin, self.accounts_of(call))

    def around(self, call: Call) -> dict[str, Any]:
        """Return what every page of a shop shows."""
        return {
            "shop": call.shop,
            "site_name": call.shop.brand.name,
            "cart": call.cart,
            # prices are shown without VAT
            "net": bool(self._rates.get((call.shop.tenant, call.shop.channel), (0.0, {}))[1]),
            "has": self.upstream.has,
            "acting": acting_of(call.visit.session),
        }

    def keep_cart(self, response: web.StreamResponse, cart: Cart) -> None:
        """Let the browser keep a cart."""
        self.site.keep(response, CART, cart.text)

    async def products(self, shop: Shop) -> Sequence[Any]:
        """Return all that a shop sells, as it was some seconds ago at most."""
        return (await self._listings.whole(shop, await self.rates(shop))).products

    async def families(self, shop: Shop, language: str) -> Sequence[Family]:
        """Return all that a shop sells by families, those of a line together, in the reader's language."""
        return (await self._listings.whole(shop, await self.rates(shop))).families(language)

    async def search(self, shop: Shop, words: str, language: str) -> tuple[Sequence[Family], str | None]:
        """Return the families that have these words; where none has, those that have near ones, and these."""
        found = await self._listings.search(shop, await self.rates(shop), words)
        return found.families(language), found.meant

    async def channel(self, shop: Shop) -> Any:
        """Return the channel that a shop sells."""
        channels = await self.upstream.items(None, "catalog", "/channels", tenant=shop.tenant)
        return next(one for one in channels if one["channel"] == shop.channel)

    async def rates(self, shop: Shop) -> Mapping[str, int]:
        """Return the rates of VAT that a shop takes out of what it shows, as they were some seconds ago.

        There are none where prices are shown with VAT, as consumers must see them.
        """
        key = shop.tenant, shop.channel
        at, found = self._rates.get(key, (0.0, {}))
        if time.monotonic() - at > LISTING_SECONDS:
            channel, found = await self.channel(shop), {}
            if channel["net"]:
                rates = await self.upstream.items(None, "orders", "/tax-rates", country=channel["market"])
                found = {one["tax_class"]: one["rate"] for one in rates}
            self._rates[key] = time.monotonic(), found
        return found

    async def used_up(self, shop: Shop) -> frozenset[str]:
        """Return the SKUs of which no key is left, as it was some seconds ago; none where licensing cannot be asked."""
        at, found = self._used_up.get(shop.tenant, (0.0, frozenset[str]()))
        if not self.upstream.has("licensing") or time.monotonic() - at <= LISTING_SECONDS:
            return found
        try:
            listed: Any = await self.upstream.get(None, "licensing", f"/tenants/{shop.tenant}/used-up")
            skus: list[Any] = listed["items"]
        except Problem:
            skus = []
        found = frozenset(str(one["sku"]) for one in skus)
        self._used_up[shop.tenant] = time.monotonic(), found
        return found

    async def product(self, shop: Shop, product: UUID) -> Any:
        """Return a product that a shop sells, with all that is written of it, as it was some seconds ago at most."""
        key = shop.tenant, shop.channel, product
        at, found = self._details.get(key, (0.0, None))
        if time.monotonic() - at > LISTING_SECONDS or found is None:
            query = {"tenant": shop.tenant, "channel": shop.channel}
            found = await self.upstream.get(None, "catalog", f"/products/{product}", **query)
            net.show([found], await self.rates(shop))
            if len(self._details) >= MOST_REMEMBERED:
                self._details.clear()
            self._details[key] = time.monotonic(), found
        return found

    async def _shop(self, read: Read, host: str) -> Shop:
        at, shop = self._shops.get(host, (0.0, None))
        if time.monotonic() - at > SHOP_SECONDS or shop is None:
            shop = await shops.at(read, host) if host.isascii() else None
            if shop is None:
                raise not_found()
            if len(self._shops) >= MOST_REMEMBERED:
                self._shops.clear()
            self._shops[host] = time.monotonic(), shop
        return shop


def confirm_first(after: str) -> web.HTTPSeeOther:
    """Return what leads to the page for confirming the address, and back afterwards; it is raised."""
    return web.HTTPSeeOther(f"/confirm?after={quote(after, safe='/')}", headers={"Cache-Control": "no-store"})


async def problem_page(
    request: web.Request, problem: Problem, front: Front, read: Read, begin: Begin
) -> web.StreamResponse:
    """Show a refusal under the shop's name, where there is a shop, to whoever is signed in and for whom they act.

    Whoever comes to the address of a form without the form is led to the page that it is on.
    """
    if problem.status == NOT_FOR_GET and (above := await page_above(request)) is not None:
        return see(above)
    visit = request.get(VISIT) or await _visit(request, problem, front, read, begin)
    shop = front.known(request)
    if shop is None:
        return front.site.problem(visit, problem, layout="bare.html", site_name="Kontor")
    call = Call(shop, front.site.origin(request), visit, Cart.read(front.site.kept(request, CART)))
    leads_to = front.accounts_of(call)
    return front.site.problem(visit, problem, layout="shop.html", leads_to=leads_to, **front.around(call))


async def _visit(request: web.Request, problem: Problem, front: Front, read: Read, begin: Begin) -> Visit:
    """Return whose request was refused before anybody looked; what is our fault, or too much, is not looked into."""
    if problem.status < INTERNAL and problem.status != TOO_MANY:
        try:
            return (await front.receive(read, begin, request)).visit
        except Exception:  # the page of a refusal is shown whatever else is wrong
            log.info("a visitor is not known on the page of a refusal", exc_info=True)
    return front.site.visitor(request)
