"""Which pages of other origins may call a service from a browser (CORS, Fetch standard, 3.2): those named, no others.

Tokens travel in a header and never as cookies, so `Access-Control-Allow-Credentials` is not sent.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from aiohttp import hdrs, web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SENT: Final = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Range"
SHOWN: Final = "Content-Disposition, Content-Range, ETag, Idempotent-Replayed, Location, Retry-After, WWW-Authenticate"
SECONDS: Final = 600


def admit(app: web.Application, origins: Collection[str]) -> None:
    """Let pages of these origins call the application and read its answers; without any, nothing is added."""
    if not origins:
        return

    async def name(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        if (origin := request.headers.get(hdrs.ORIGIN)) in origins and origin:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = SHOWN

    @web.middleware
    async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
        refusal = request.match_info.http_exception
        if not asked or request.headers.get(hdrs.ORIGIN) not in origins:
            return await handler(request)
        if not isinstance(refusal, web.HTTPMethodNotAllowed):
            return await handler(request)
        allowed = {
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: ", ".join(sorted(refusal.allowed_methods)),
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: SENT,
            hdrs.ACCESS_CONTROL_MAX_AGE: str(SECONDS),
        }
        return web.Response(status=204, headers=allowed)

    app.on_response_prepare.append(name)
    app.middlewares.append(preflight)
