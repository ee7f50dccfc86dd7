"""Reading a body as the bytes it is: webhooks are signed, statements are XML."""

import asyncio

from aiohttp import web
from chassis.web import Problem

SECONDS = 20


async def content(request: web.Request, limit: int, *types: str) -> bytes:
    """The body, refused when it is of another type, too large or too slow; no transaction is open meanwhile."""
    if types and request.content_type not in types:
        raise Problem(415, "unsupported-media-type", f"Send {' or '.join(types)}.")
    too_large = Problem(413, "too-large", "The request body is too large.", limit=limit)
    if (request.content_length or 0) > limit:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for part in request.content.iter_any():
                body += part
                if len(body) > limit:
                    raise too_large
    except TimeoutError:
        pass
    else:
        return bytes(body)
    raise Problem(408, "too-slow", "The request body did not arrive in time.")
