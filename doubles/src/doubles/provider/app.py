"""Assembles the provider."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from . import api, control, page
from .courier import Courier
from .provider import Provider
from .settlement import keep_settling
from .state import State
from .switches import Switches


def build(api_key: str, webhook_url: str, webhook_secret: str, state_file: Path | None = None,
          public_url: str | None = None, enabled_events: Collection[str] = ()) -> web.Application:  # fmt: skip
    """Makes the application; it carries webhooks and settles payments while it runs."""
    state, switches = State(state_file), Switches()
    courier = Courier(state, switches, webhook_url, webhook_secret, enabled_events)
    provider = Provider(state, switches, courier, api_key, public_url)
    app = web.Application()
    api.add_routes(app, provider)
    page.add_routes(app, provider)
    control.add_routes(app, provider)

    async def run(_: web.Application) -> AsyncIterator[None]:
        await courier.start()
        settling = asyncio.create_task(keep_settling(provider))
        yield
        settling.cancel()
        with suppress(asyncio.CancelledError):
            await settling
        await courier.stop()
        state.close()

    async def let_go(_: web.Application) -> None:
        switches.reset()

    app.cleanup_ctx.append(run)
    app.on_shutdown.append(let_go)
    return app
