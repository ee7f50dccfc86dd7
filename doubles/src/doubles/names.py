"""Starts the name server: `python -m doubles.names --port 5300`: it answers by UDP what it is told by HTTP.

`PUT /records/{name}` with `{"TXT": ["v=spf1 -all"]}` says what a name has; `GET /records` shows all.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web

from doubles.nameserver import Datagrams, NameServer


def build(server: NameServer, host: str, port: int) -> web.Application:
    """Make the application; while it runs, the name server answers on the UDP port of the same number."""

    async def put(request: web.Request) -> web.Response:
        server.text(request.match_info["name"], *(await request.json())["TXT"])
        return web.Response(status=204)

    async def show(request: web.Request) -> web.Response:
        del request
        return web.json_response(server.zone)

    async def listen(app: web.Application) -> AsyncIterator[None]:
        del app
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(server), local_addr=(host, port))
        yield
        transport.close()

    app = web.Application()
    app.router.add_put("/records/{name}", put)
    app.router.add_get("/records", show)
    app.cleanup_ctx.append(listen)
    return app


def main(
    port: Annotated[int, typer.Option(help="Where names are asked by UDP, and records put by HTTP.")],
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    zone: Annotated[Path | None, typer.Option(help="Records that are there from the beginning, one a line.")] = None,
) -> None:
    """Answer until it is told to stop."""
    server = NameServer()
    for line in zone.read_text().splitlines() if zone else ():
        server.add(line)
    web.run_app(build(server, host, port), host=host, port=port, shutdown_timeout=1.0, print=None)


if __name__ == "__main__":
    typer.run(main)
