"""What the references share: a server written by hand with aiohttp and asyncpg on uvloop."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import uvloop
from aiohttp import web
from stack.ports import pick

from benchmarks.home import Home, Program, ready

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Pool = Any  # asyncpg is generic for type checkers only

CONNECTIONS = 10


async def keep_session(_: Any) -> None:
    """Do nothing: no setting is changed on a connection, so none needs a reset."""


def serve(add_routes: Callable[[web.Application, Pool], None]) -> None:
    """Serve on HTTP_PORT from DATABASE_URL until the process is ended, on the same event loop as services."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(add_routes))


async def _serve(add_routes: Callable[[web.Application, Pool], None]) -> None:
    settings = {"jit": "off"}
    pool: Pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=0, max_size=CONNECTIONS, reset=keep_session, server_settings=settings
    )

    async def readyz(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/readyz", readyz)
    add_routes(app, pool)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["HTTP_PORT"])).start()
    await asyncio.Event().wait()


@asynccontextmanager
async def reference(home: Home, module: str, database: str, **environment: str) -> AsyncGenerator[Program]:
    """Run a program that calls `serve` until the end of the block; it is ready at the beginning."""
    port = pick(("http",), {})["http"]
    async with home.program(module, DATABASE_URL=database, HTTP_PORT=str(port), **environment) as program:
        program.url = f"http://127.0.0.1:{port}"
        await ready(program)
        yield program
