"""What every service answers beside its routes: probes, metrics and its description."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from chassis.telemetry import metrics
from chassis.web import openapi

Handler = Callable[[web.Request], Awaitable[web.Response]]


def probes(
    document: dict[str, Any], missing: Callable[[], Sequence[str]], unready: Callable[[], Awaitable[str]]
) -> dict[str, Handler]:
    """Return the handlers by path: `/livez` is 503 while parts are missing, `/readyz` while there is a reason."""
    page = openapi.page(document)

    async def livez(_: web.Request) -> web.Response:
        parts = missing()
        return web.json_response({"missing": parts}, status=503 if parts else 200)

    async def readyz(_: web.Request) -> web.Response:
        reason = await unready()
        return web.json_response({"ready": not reason, "reason": reason}, status=503 if reason else 200)

    async def openapi_json(_: web.Request) -> web.Response:
        return web.json_response(document)

    async def docs(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    async def prometheus(_: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), content_type="text/plain", charset="utf-8")

    return {"/livez": livez, "/readyz": readyz, "/openapi.json": openapi_json, "/docs": docs, "/metrics": prometheus}
