"""Serve pages that are kept in memory: what the machine can do where nothing is asked and nothing is written.

Usage: DATABASE_URL= HTTP_PORT= PAGES=FILE python -m benchmarks.visitors.bare     (FILE: JSON, pages by their path)
"""

import json
import os
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

from benchmarks.reference import Pool, serve


def routes(app: web.Application, _: Pool) -> None:
    """Add a route for every page, and the form of the cart, which leads to it."""
    pages: dict[str, str] = json.loads(Path(os.environ["PAGES"]).read_text())
    bodies = {path: text.encode() for path, text in pages.items()}

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=bodies[unquote(request.path)], content_type="text/html", charset="utf-8")

    async def put(request: web.Request) -> web.Response:
        await request.post()
        return web.Response(status=303, headers={"Location": "/cart"})

    for path in bodies:
        app.router.add_get(path, page)
    app.router.add_post("/cart", put)


if __name__ == "__main__":
    serve(routes)
