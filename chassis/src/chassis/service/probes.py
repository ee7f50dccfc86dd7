"""What every service answers beside its routes: probes, metrics and its description, on a port for its operators."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any

from aiohttp import web

from chassis.telemetry import metrics
from chassis.web import problems, reference

Handler = Callable[[web.Request], Awaitable[web.Response]]


def probes(
    document: dict[str, Any], missing: Callable[[], Sequence[str]], unready: Callable[[], Awaitable[str]]
) -> dict[str, Handler]:
    """Return what operators ask: `/livez` is 503 while parts are missing, `/readyz` while there is a reason."""

    @cache
    def page() -> str:
        return reference.page(document)

    async def livez(_: web.Request) -> web.Response:
        parts = missing()
        return web.json_response({"missing": parts}, status=503 if parts else 200, headers=problems.HEADERS)

    async def readyz(_: web.Request) -> web.Response:
        reason = await unready()
        state = {"ready": not reason, "reason": reason}
        return web.json_response(state, status=503 if reason else 200, headers=problems.HEADERS)

    async def openapi_json(_: web.Request) -> web.Response:
        return web.json_response(document)

    async def docs(_: web.Request) -> web.Response:
        return web.Response(text=page(), content_type="text/html", headers=reference.HEADERS)

    async def prometheus(_: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": metrics.CONTENT_TYPE})

    return {
        "/livez": livez,
        "/readyz": readyz,
        "/openapi.json": openapi_json,
        "/docs": docs,
        "/metrics": prometheus,
    }


def problem_types(document: dict[str, Any]) -> Handler:
    """Return the handler that tells what a problem's `type` means, for which anybody may ask."""
    refusals = {refusal["type"]: refusal for refusal in document["x-refusals"]}

    async def problem(request: web.Request) -> web.Response:
        if request.path not in refusals:
            return problems.not_found().response()
        return web.json_response(refusals[request.path])

    return problem
