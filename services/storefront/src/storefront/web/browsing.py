"""Looking around: families, and an edition with all that a buyer asks."""

from collections.abc import Sequence
from html import escape
from typing import Annotated, Any, Final
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, not_found
from pages.site import HTML
from pydantic import Field

from storefront.domain import showcase
from storefront.domain.leaves import leaf
from storefront.domain.showcase import Family
from storefront.web.front import Call, Front

routes = Routes()
Words = Annotated[str, Field(max_length=100)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]
# three, two or one beside each other, on a page that a phone shows at once
ON_A_PAGE: Final = 48
Code = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
PAGE: dict[int, Any] = {200: HTML}


@routes.get("/", also=PAGE)
async def home(
    read: Read, begin: Begin, request: web.Request, front: Front, q: Words = "", page: Number = 1
) -> web.Response:
    """What the shop sells, by families, so many on a page; `q` are words to look for, which may be mistyped (M11)."""
    call = await front.receive(read, begin, request)
    q, language = q.strip(), call.visit.language
    if q:
        found, meant = await front.search(call.shop, q, language)
    else:
        found, meant = await front.families(call.shop, language), None
    shown = leaf(found, page, ON_A_PAGE)
    if shown is None:
        raise not_found()
    ships = any("boxed" in choice.fulfilments for family in shown.items for choice in family.choices)
    return front.page(call, "home.html", leaf=shown, q=q, meant=meant, ships=ships, origin=call.origin)


@routes.get("/families/{family}", also=PAGE)
async def family(read: Read, begin: Begin, request: web.Request, front: Front, family: UUID) -> web.Response:
    """A family with its editions as choices, and from which price on (M8, M9)."""
    call = await front.receive(read, begin, request)
    found = next((one for one in await _families(front, call) if one.id == str(family)), None)
    if found is None:
        raise not_found()
    # what is written of the family stands in each of its products
    detail = await front.product(call.shop, UUID(found.choices[0].product["product"]))
    subjects = [found.id, found.choices[0].product["product"]]
    face = showcase.shown(detail["presentations"], subjects, call.visit.language, found.shown.title)
    return front.page(call, "family.html", family=found, shown=face, origin=call.origin)


@routes.get("/products/{product}", also=PAGE)
async def product(read: Read, begin: Begin, request: web.Request, front: Front, product: UUID) -> web.Response:
    """A product by its first edition."""
    call = await front.receive(read, begin, request)
    return await _edition_page(front, call, product, None)


@routes.get("/products/{product}/{edition}", also=PAGE)
async def edition(
    read: Read, begin: Begin, request: web.Request, front: Front, product: UUID, edition: Code
) -> web.Response:
    """An edition: what it costs, what is delivered and how, what it needs, and who supports it until when."""
    call = await front.receive(read, begin, request)
    return await _edition_page(front, call, product, edition)


@routes.get("/sitemap.xml", also={200: "application/xml"})
async def sitemap(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """All pages that search engines may show (sitemaps.org 0.9)."""
    call = await front.receive(read, begin, request)
    paths = ["/"]
    for one in await _families(front, call):
        paths += dict.fromkeys([one.path, *(choice.path for choice in one.choices)])
    places = "".join(f"<url><loc>{escape(call.origin + path)}</loc></url>" for path in paths)
    content = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
    return web.Response(text=content, content_type="application/xml")


@routes.get("/robots.txt", also={200: "text/plain"})
async def robots(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """What search engines may look at."""
    base = (await front.receive(read, begin, request)).origin
    private = [f"Disallow: {path}" for path in ("/account", "/cart", "/checkout", "/orders")]
    lines = ("User-agent: *", *private, f"Sitemap: {base}/sitemap.xml", "")
    return web.Response(text="\n".join(lines), content_type="text/plain")


async def _families(front: Front, call: Call) -> Sequence[Family]:
    return await front.families(call.shop, call.visit.language)


async def _edition_page(front: Front, call: Call, product: UUID, code: str | None) -> web.Response:
    detail = await front.product(call.shop, product)
    (found,) = showcase.families([detail], call.visit.language)
    chosen = next((one for one in found.choices if code is None or one.edition["code"] == code), None)
    if chosen is None:
        raise not_found()
    # a family of one edition has no page to choose from
    several = [one for one in await _families(front, call) if one.id == found.id and len(one.choices) > 1]
    return front.page(
        call,
        "product.html",
        family=several[0] if several else None,
        line=found.line,
        choice=chosen,
        shown=chosen.shown,
        files=detail["files"],
        used_up=await front.used_up(call.shop),
        origin=call.origin,
    )
