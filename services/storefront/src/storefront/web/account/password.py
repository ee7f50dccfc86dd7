"""Another password: chosen on the pages of accounts, so that no password passes a shop."""

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes

from pages import authorization
from storefront.web.front import Front

routes = Routes()


@routes.get("/account/security/password", also={303: None})
async def change_password(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Lead to the pages of accounts, where one chooses another password, and back with another session."""
    call = await front.customer(read, begin, request)
    after = "/account/security?done=password-changed"
    return authorization.lead(front.site, call.visit, front.client(call), read.now, after, "password")
