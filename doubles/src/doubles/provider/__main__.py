"""Starts the provider: `python -m doubles.provider --port 8090 --webhook-url URL ...`."""

import logging
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web

from .app import build


def main(
    port: Annotated[int, typer.Option(help="Where the API, the hosted page and the control listen.")],
    webhook_url: Annotated[str, typer.Option(help="Where events are sent.")],
    webhook_secret_file: Annotated[Path, typer.Option(help="The key that signs them (whsec_...).")],
    api_key_file: Annotated[Path, typer.Option(help="The key that callers show (sk_test_...).")],
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    state: Annotated[Path | None, typer.Option(help="Remembers payments over a restart.")] = None,
    public_url: Annotated[str | None, typer.Option(help="How customers reach the hosted page.")] = None,
    webhook_event: Annotated[list[str] | None, typer.Option(help="A type of event that is sent; all if none.")] = None,
) -> None:
    """Plays the payment provider until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    app = build(
        api_key_file.read_text().strip(),
        webhook_url,
        webhook_secret_file.read_text().strip(),
        state,
        public_url.rstrip("/") if public_url else None,
        webhook_event or (),
    )
    web.run_app(app, host=host, port=port, shutdown_timeout=1.0, print=None)


if __name__ == "__main__":
    typer.run(main)
