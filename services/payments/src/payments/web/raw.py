"""Reading a body as the bytes it is: webhooks are signed, statements are XML."""

import asyncio

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import ContentEncodingError, TransferEncodingError
from chassis.web import Problem

SECONDS = 20
# The peer leaves in the middle, or its body is not encoded as its head says.
BROKEN = (ClientPayloadError, web.RequestPayloadError, ContentEncodingError, TransferEncodingError, ConnectionError)


async def content(request: web.Request, limit: int, *types: str) -> bytes:
    """Return the body; raises Problem where it is of another type, too large, too slow or broken.

    No transaction is open meanwhile.
    """
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
    except BROKEN:
        raise Problem(400, "malformed", "The request body is cut short or wrongly encoded.") from None
    except TimeoutError:
        raise Problem(408, "too-slow", "The request body did not arrive in time.") from None
    return bytes(body)
