"""Assembles the mail catcher."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from . import smtp
from . import web as door
from .faults import Board
from .mailbox import Mailbox


@dataclass
class Listener:
    """Where letters are taken once the application runs."""

    port: int


LISTENER = web.AppKey("listener", Listener)


def build(directory: Path, smtp_port: int, host: str = "127.0.0.1") -> web.Application:
    """Makes the application; it listens for SMTP while it runs, on the port that `LISTENER` tells."""
    mailbox, board = Mailbox(directory), Board()
    app = door.build(mailbox, board)

    app[LISTENER] = Listener(smtp_port)

    async def listen(app: web.Application) -> AsyncIterator[None]:
        server = await asyncio.get_running_loop().create_server(
            lambda: smtp.Conversation(mailbox, board), host, smtp_port
        )
        app[LISTENER].port = server.sockets[0].getsockname()[1]
        yield
        server.close()

    app.cleanup_ctx.append(listen)
    return app
