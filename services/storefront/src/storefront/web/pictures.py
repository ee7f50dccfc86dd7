"""Pictures of products, from catalog through the shop's own address: so pages need no other."""

from typing import Final

from aiohttp import web
from chassis.db import Read
from chassis.web import Routes

from pages import pictures
from storefront.web.front import Front

routes = Routes()
WEBP: Final = "image/webp"


@routes.get("/pictures/{name}", also={200: WEBP})
async def picture(read: Read, request: web.Request, front: Front, name: str) -> web.StreamResponse:
    """A picture of the tenant whose shop this is; its address never shows another."""
    call = await front.passer_by(read, request)
    return await pictures.passed_on(request, front.upstream, call.visit, call.shop.tenant, name)
