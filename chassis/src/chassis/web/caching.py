"""Answers that anybody may keep for a while, and how one asks whether they are still the same."""

import hashlib

from aiohttp import ETag, web

ANY = "*"


def kept(request: web.Request, response: web.Response, seconds: int) -> web.Response:
    """Return an answer that anybody may keep for so many seconds; 304 where the client has the same already.

    RFC 9110, 13.1.2; RFC 9111. It must tell everybody the same, so only routes that ask for no caller are kept.
    """
    content = response.body
    if response.status != 200 or not isinstance(content, bytes):
        return response
    tag = ETag(hashlib.blake2b(content, digest_size=16).hexdigest())
    known = request.if_none_match or ()
    if any(one.value in (tag.value, ANY) for one in known):
        response = web.Response(status=304)
    response.etag = tag
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
