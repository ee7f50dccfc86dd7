"""Pictures that catalog keeps, passed on under a page's own address, so that its policy names no other."""

import re
from typing import Final

from aiohttp import web
from chassis.web import not_found

from pages.upstream import Upstream
from pages.visit import Visit

NAME: Final = re.compile(r"[0-9a-f]{64}-(?:320|640|1280)\.webp")
CHUNK: Final = 65_536
WEBP: Final = "image/webp"
HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


async def passed_on(
    request: web.Request, upstream: Upstream, visit: Visit, tenant: str, name: str
) -> web.StreamResponse:
    """Answer with a picture of a tenant as it comes; raises Problem 404 for any other name."""
    if NAME.fullmatch(name) is None:
        raise not_found()
    answer = await upstream.stream(visit, "catalog", f"/pictures/{name}", tenant=tenant)
    async with answer:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": WEBP})
        if answer.content_length is not None:
            response.content_length = answer.content_length
        await response.prepare(request)
        async for part in answer.content.iter_chunked(CHUNK):
            await response.write(part)
        await response.write_eof()
    return response
