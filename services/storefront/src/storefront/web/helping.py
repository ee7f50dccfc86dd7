"""What explains the pages: a paragraph on each, and the components that they are made of."""

from typing import Any

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML

from pages import printing
from storefront.web.front import Front

routes = Routes()
PAGE: dict[int, Any] = {200: HTML}


@routes.get("/help", also=PAGE)
async def guide(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Every page in a paragraph (E23)."""
    return front.page(await front.receive(read, begin, request), "help.html", layout="shop.html")


@routes.get("/help.pdf", also={200: printing.MEDIA_TYPE})
async def printed(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The same text as one document to print, under the shop's name (E23)."""
    call = await front.receive(read, begin, request)
    brand = call.shop.brand
    return await printing.answer(brand.name, brand.color, front.site.words, call.visit.language)


@routes.get("/design", also=PAGE)
async def design(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Every component of the pages, in the shop's colours."""
    return front.page(await front.receive(read, begin, request), "design.html", layout="shop.html")
