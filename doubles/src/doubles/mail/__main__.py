"""Starts the mail server: `python -m doubles.mail --smtp-port 2525 --http-port 8025 --directory mails`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web

from . import smtp
from . import web as http
from .mailbox import Mailbox
from .switches import Switches


@dataclass
class Listener:
    """The SMTP server of a running application."""

    port: int


LISTENER = web.AppKey("listener", Listener)


def build(directory: Path, smtp_port: int, host: str = "127.0.0.1") -> web.Application:
    """Make the application; it listens for SMTP while it runs, on the port of `app[LISTENER]`."""
    mailbox, switches = Mailbox(directory), Switches()
    app = http.build(mailbox, switches)
    app[LISTENER] = Listener(smtp_port)

    async def listen(app: web.Application) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: smtp.Connection(mailbox, switches), host, smtp_port)
        app[LISTENER].port = server.sockets[0].getsockname()[1]
        yield
        server.close()

    app.cleanup_ctx.append(listen)
    return app


def main(
    smtp_port: Annotated[int, typer.Option(help="Where mails are taken.")],
    http_port: Annotated[int, typer.Option("--http-port", "--port", help="Where mails are shown.")],
    directory: Annotated[Path, typer.Option(help="Where mails are kept.")],
    host: Annotated[str, typer.Option()] = "127.0.0.1",
) -> None:
    """Take mails until it is told to stop, and pass none on."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # aiosmtpd logs whole command lines, and with them who gets mail.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    web.run_app(build(directory, smtp_port, host), host=host, port=http_port, shutdown_timeout=1.0, print=None)


if __name__ == "__main__":
    typer.run(main)
