"""What pages are made of beside their text: style sheets, scripts, and the shop's colours."""

from aiohttp import web
from chassis.db import Read
from chassis.web import Routes

from storefront.web.front import Front

routes = Routes()
CSS = "text/css"


@routes.get("/assets/{name}", also={200: CSS})
async def asset(name: str, front: Front) -> web.Response:
    """A style sheet, a script or a picture; its address changes with it."""
    return front.site.assets.answer(name)


@routes.get("/brand.css", also={200: CSS})
async def brand(read: Read, request: web.Request, front: Front) -> web.Response:
    """The colours of the shop at this address."""
    shop = (await front.passer_by(read, request)).shop
    text = f":root {{ --brand: {shop.brand.color}; --on-brand: {shop.brand.on_color}; }}\n"
    return web.Response(text=text, content_type=CSS, headers={"Cache-Control": "public, max-age=60"})
