"""Looking around: what is for sale, one product, and the shop's texts."""

from html import escape
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, not_found
from pages.site import HTML
from pydantic import Field

from storefront.web.front import Front

routes = Routes()
Words = Annotated[str, Field(max_length=100)]
PAGE: dict[int, Any] = {200: HTML}


@routes.get("/", also=PAGE)
async def home(read: Read, begin: Begin, request: web.Request, front: Front, q: Words = "") -> web.Response:
    """What the shop sells, by families; `q` are words to look for (M11)."""
    call = await front.receive(read, begin, request)
    products = await front.products(call.shop)
    words = q.lower().split()
    shown = [product for product in products if _has(product, words)]
    return front.page(call, "home.html", products=shown, q=q)


@routes.get("/products/{product}", also=PAGE)
async def product(read: Read, begin: Begin, request: web.Request, front: Front, product: UUID) -> web.Response:
    """A product with its editions, and what comes with each."""
    call = await front.receive(read, begin, request)
    listed = (one for one in await front.products(call.shop) if one["product"] == str(product))
    found = next(listed, None)
    if found is None:  # new, or not for sale here, and then catalog refuses
        query = {"tenant": call.shop.tenant, "channel": call.shop.channel}
        found = await front.upstream.get(None, "catalog", f"/products/{product}", **query)
    return front.page(call, "product.html", product=found)


@routes.get("/texts/{name}", also=PAGE)
async def text(
    read: Read, begin: Begin, request: web.Request, front: Front, name: Literal["imprint", "privacy"]
) -> web.Response:
    """A text that the law asks for."""
    call = await front.receive(read, begin, request)
    texts = getattr(call.shop.brand, name)
    found = texts.get(call.visit.language) or next(iter(texts.values()), "")
    if not found:
        raise not_found()
    return front.page(call, "text.html", name=name, text=found)


@routes.get("/sitemap.xml", also={200: "application/xml"})
async def sitemap(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """All pages that search engines may show (sitemaps.org 0.9)."""
    call = await front.receive(read, begin, request)
    paths = ["/", *(f"/products/{product['product']}" for product in await front.products(call.shop))]
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


def _has(product: Any, words: list[str]) -> bool:
    names = [product["family"], product["version"], product["line"]]
    names += [text for edition in product["editions"] for text in (edition["name"], edition["description"])]
    text = " ".join(names).lower()
    return all(word in text for word in words)
