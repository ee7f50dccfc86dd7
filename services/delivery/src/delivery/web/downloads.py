"""The secret address that a download is fetched from: ranges, resumes, and an account of what arrived."""

import asyncio
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from chassis.db import Begin
from chassis.web import Problem, Routes
from pydantic import Field

from delivery.clients.objects import Objects
from delivery.clients.peers import Gone, Source, Transfer, Transfers
from delivery.domain.files import File, FileDamaged
from delivery.domain.grants import TooManyConnections
from delivery.domain.ranges import RangeNotSatisfiable, Wanted, wanted
from delivery.usecases import downloading

log = structlog.get_logger(__name__)

Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
RECORDINGS = 6
ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an installation sets: sizes in bytes, times, connections per link, the path in front of all addresses."""

    upload_bytes: int
    session_lifetime: timedelta
    connections: int
    patience_seconds: float
    prefix: str
    zone: ZoneInfo


def add(routes: Routes, objects: Objects, transfers: Transfers, limits: Limits) -> None:
    """The route that bytes flow through."""

    @routes.get("/t/{secret}")
    async def transfer(request: web.Request, begin: Begin, secret: Secret) -> web.StreamResponse:
        """Fetch a file whose download was started from its link; may be resumed with Range and If-Range."""
        response, source, begun = await _ready(request, begin, secret)
        if source is None or begun is None:
            return response
        try:
            return await _deliver(request, begin, response, source, begun)
        finally:
            source.close()

    # what it knows, and what its transactions said, would stay for hours where bytes flow
    async def _ready(
        request: web.Request, begin: Begin, secret: str
    ) -> tuple[web.StreamResponse, Source | None, downloading.Begun | None]:
        """The headers, the opened file and what was recorded of this connection; the headers alone for HEAD."""
        async with begin() as tx:
            found = await downloading.look(tx, secret)
        want = _wanted(request, found)
        response = _headed(found.file, want)
        try:
            if request.method == "HEAD":
                if not await objects.sound(found.tenant, found.content):
                    raise FileDamaged
                return response, None, None
            source = await objects.open(found.tenant, found.content)
        except FileDamaged:
            log.error("a stored file is not what was released", sha256=found.file.sha256)
            async with begin() as tx:
                await downloading.mark_damaged(tx, found.tenant, found.content)
            raise
        try:
            async with begin() as tx:
                begun = await downloading.start(
                    tx, found, (want.first, want.end), transfers.process, limits.connections
                )
        except BaseException as error:
            source.close()
            if not isinstance(error, TooManyConnections):
                raise
            log.warning("a link has too many connections", grant=str(found.address.session.grant.grant))
            raise Problem(
                429, "too-many-connections", "This link has too many connections open.", {"Retry-After": "2"}
            ) from None
        return response, source, begun

    async def _deliver(
        request: web.Request,
        begin: Begin,
        response: web.StreamResponse,
        source: Source,
        begun: downloading.Begun,
    ) -> web.StreamResponse:
        sending: Transfer | None = None
        try:
            await response.prepare(request)
            response.headers.clear()  # they are sent, and a slow reader would keep them for hours
            if request.transport is None:
                raise Gone
            ids = (begun.tenant, begun.session, begun.transfer)
            sending = Transfer(request.transport, ids, (begun.first, begun.end), limits.patience_seconds)
            transfers.open[begun.transfer] = sending
            await sending.run(source)
        except (Gone, OSError):
            pass
        except FileDamaged:
            log.error("a stored file is shorter than released", sha256=begun.sha256)
        finally:
            arrived_to, sent_to = (sending.arrived_to, sending.sent_to) if sending else (begun.first, begun.first)
            transfers.open.pop(begun.transfer, None)
            if sending is not None:
                sending.close(reset=arrived_to < begun.end)
            elif request.transport is not None:
                request.transport.abort()
            transfers.record(_recorded(begin, begun, arrived_to, sent_to, transfers.turn))
        with suppress(OSError, RuntimeError):
            await response.write_eof()
        return response


async def _recorded(
    begin: Begin, begun: downloading.Begun, arrived_to: int, sent_to: int, turn: asyncio.Semaphore
) -> None:
    """The bytes are gone: try hard to keep what is known of them."""
    for again in range(RECORDINGS):
        try:
            async with turn, begin() as tx:
                await downloading.end(tx, begun, arrived_to, sent_to)
        except Exception as error:
            log.warning("how a transfer ended cannot be recorded yet", reason=type(error).__name__)
            await asyncio.sleep(0.05 * 4**again)
        else:
            return


def _wanted(request: web.Request, found: downloading.Found) -> Wanted:
    file, headers = found.file, request.headers
    asked, if_range = headers.get("Range"), headers.get("If-Range")
    if found.replaced and if_range is None:
        # Nobody can tell of which version the reader has the rest: never mixed bytes (F-D10).
        asked = None
    try:
        return wanted(file.size, _etag(file), asked, if_range)
    except RangeNotSatisfiable as error:
        headers = {"Content-Range": f"bytes */{error.size}", "Accept-Ranges": "bytes"}
        raise Problem(416, "range-not-satisfiable", "The file has no such bytes.", headers) from None


def _headed(file: File, want: Wanted) -> web.StreamResponse:
    response = web.StreamResponse(status=206 if want.partial else 200)
    response.content_length = want.end - want.first
    response.headers.update(
        {
            "Content-Type": file.media_type,
            "Content-Disposition": disposition(file.name),
            "ETag": _etag(file),
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
    )
    if want.partial:
        response.headers["Content-Range"] = f"bytes {want.first}-{want.end - 1}/{file.size}"
    return response


def disposition(name: str) -> str:
    """The header that gives a file its name (RFC 6266, RFC 8187), with an ASCII stand-in for old programs."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if character in '"\\%;' else character for character in plain).strip() or "download"
    encoded = quote(name, safe=ATTRIBUTE_CHARACTERS)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def _etag(file: File) -> str:
    return f'"{file.sha256}"'
