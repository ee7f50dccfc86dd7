"""Files of services, passed on to a browser as they come: none of them is held here."""

from typing import Final

import aiohttp
from aiohttp import web

PASSED_ON: Final = ("Content-Type", "Content-Disposition")
AT_ONCE: Final = 65_536


async def passed_on(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Return what a service answers, with its name and type; it is shown to this visitor alone."""
    async with answer:
        headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
        response = web.StreamResponse(headers={**headers, "Cache-Control": "no-store"})
        await response.prepare(request)
        async for part in answer.content.iter_chunked(AT_ONCE):
            await response.write(part)
        await response.write_eof()
    return response
