"""Starts the provider: `python -m doubles.provider --port 8090 --webhook-url URL ...`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web

from . import api, control, page
from .checkout import keep_sweeping
from .courier import Courier
from .provider import Provider, State
from .switches import Switches


def build(api_key: str, webhook_url: str, webhook_secret: str, state_file: Path | None = None,
          public_url: str | None = None, enabled_events: Collection[str] = ()) -> web.Application:  # fmt: skip
    """Make the application; it sends webhooks and settles payments while it runs."""
    state, switches = State(state_file), Switches()
    courier = Courier(state, switches, webhook_url, webhook_secret)
    provider = Provider(state, switches, courier.deliver, api_key, public_url, frozenset(enabled_events))
    app = web.Application()
    api.add_routes(app, provider)
    page.add_routes(app, provider)
    control.add_routes(app, provider, courier)

    async def run(_: web.Application) -> AsyncIterator[None]:
        await courier.start()
        sweeping = asyncio.create_task(keep_sweeping(provider), name="sweep")
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        await courier.stop()
        state.close()

    async def end_hangs(_: web.Application) -> None:
        switches.reset()

    app.cleanup_ctx.append(run)
    app.on_shutdown.append(end_hangs)
    return app


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
    """Play the payment provider until it is told to stop."""
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
