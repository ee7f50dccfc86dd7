"""What explains the pages: a paragraph on each, and the components that they are made of."""

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML

from pages import printing
from workcenter.web.desk import Desk

routes = Routes()


@routes.get("/help", also={200: HTML})
async def guide(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Every page in a paragraph (E23); also for whoever is not signed in."""
    return desk.page(await desk.site.visit(read, begin, request), "help.html", layout="desk.html")


@routes.get("/help.pdf", also={200: printing.MEDIA_TYPE})
async def printed(request: web.Request, desk: Desk) -> web.Response:
    """The same text as one document to print (E23)."""
    return await printing.answer("Work Center", None, desk.site.words, desk.site.visitor(request).language)


@routes.get("/design", also={200: HTML})
async def design(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Every component of the pages."""
    return desk.page(await desk.site.visit(read, begin, request), "design.html", layout="desk.html")
