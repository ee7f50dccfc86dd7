"""Pictures: staff sends them, anybody sees them."""

import asyncio
import re
from typing import Final
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller
from chassis.web import Answer, Routes, parts, unfit

from catalog.clients.pictures import Pictures
from catalog.domain.errors import PictureTooLarge, PictureUnknown, PictureUnreadable
from catalog.domain.presentation import WIDTHS
from catalog.store import pictures as store
from catalog.usecases import presenting
from catalog.web import bodies, shown
from catalog.web.presenting import WRITERS, view_presentation

routes = Routes()
MOST_BYTES: Final = 10_000_000
SECONDS: Final = 120
TYPES: Final = ("image/png", "image/jpeg", "image/webp")
WEBP: Final = "image/webp"
NAME: Final = re.compile(rf"([0-9a-f]{{64}})-({'|'.join(map(str, WIDTHS))})\.webp")
# its address is made of what it holds, so it never becomes another; it is shown on pages, and does nothing by itself
HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@routes.put("/presentations/{subject}/picture", allow=WRITERS, takes=TYPES, also={200: shown.SubjectView})
async def set_picture(
    request: web.Request,
    read: Read,
    begin: Begin,
    caller: Caller,
    pictures: Pictures,
    subject: UUID,
    alt_de: bodies.Alt,
    alt_en: bodies.Alt,
) -> Answer:
    """Show it by a picture, sent as the raw body: PNG, JPEG or WebP, at most 10 MB and 40 million pixels.

    It is made anew in three widths, without what else was in the file. `alt_de` and `alt_en` tell what it shows.
    """
    if not alt_de.strip() or not alt_en.strip():
        raise unfit("A picture needs words in each language.", "query.alt_de", "missing")
    if request.content_type not in TYPES:
        raise PictureUnreadable
    async with begin() as tx:
        await presenting.check_subject(tx, caller.tenant, subject)
    made = await pictures.make(caller.tenant, await _body(request), {"de": alt_de.strip(), "en": alt_en.strip()})
    async with begin() as tx:
        await presenting.expect(tx, caller.tenant, made.picture)
    await pictures.keep(made)
    async with begin() as tx:
        await presenting.illustrate(tx, caller.tenant, subject, made.picture)
    return Answer(await view_presentation(read, caller, subject), 200)


@routes.get("/pictures/{name}", also={200: WEBP})
async def view_picture(read: Read, pictures: Pictures, name: str, tenant: bodies.Code) -> web.Response:
    """A picture of a tenant as WebP: `{hash}-{width}.webp`, where width is 320, 640 or 1280."""
    match = NAME.fullmatch(name)
    if match is None or not await store.known(read, tenant, match[1]):
        raise PictureUnknown
    content = await pictures.get(match[1], int(match[2]))
    return web.Response(body=content, content_type=WEBP, headers=HEADERS)


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > MOST_BYTES:
        raise PictureTooLarge
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for part in parts(request):
                body += part
                if len(body) > MOST_BYTES:
                    raise PictureTooLarge
    except TimeoutError:
        raise PictureUnreadable from None
    return bytes(body)
