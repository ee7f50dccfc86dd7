"""Starts the mail catcher: `python -m doubles.mail --smtp-port 2525 --http-port 8025 --directory mails`."""

import logging
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web

from .app import build


def main(
    smtp_port: Annotated[int, typer.Option(help="Where letters are taken.")],
    http_port: Annotated[int, typer.Option("--http-port", "--port", help="Where letters are shown.")],
    directory: Annotated[Path, typer.Option(help="Where letters are kept.")],
    host: Annotated[str, typer.Option()] = "127.0.0.1",
) -> None:
    """Takes mail until it is told to stop, and passes none on."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # Its log tells whole command lines, and with them who gets mail.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    web.run_app(build(directory, smtp_port, host), host=host, port=http_port, shutdown_timeout=1.0, print=None)


if __name__ == "__main__":
    typer.run(main)
