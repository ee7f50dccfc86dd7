"""What pages are made of beside their text."""

from aiohttp import web
from chassis.web import Routes

from workcenter.web.desk import Desk

routes = Routes()


@routes.get("/assets/{name}", also={200: "text/css"})
async def asset(name: str, desk: Desk) -> web.Response:
    """A style sheet, a script or a picture; its address changes with it."""
    return desk.site.assets.answer(name)
