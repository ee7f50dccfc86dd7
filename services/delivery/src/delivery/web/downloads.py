"""The secret address that a download is fetched from: ranges, resumes, and an account of what arrived."""

import asyncio
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from chassis.database import Begin
from chassis.web import Problem, Routes
from pydantic import Field
from uuid_utils.compat import uuid7

from delivery.clients.objects import Objects
from delivery.clients.peers import Gone, Source, Transfer, Transfers
from delivery.domain.account import Stretch
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
        found = await _looked_up(begin, secret)
        want = _wanted(request, found)
        response = _headed(found.file, want)
        try:
            if request.method == "HEAD":
                if not await objects.sound(found.session.tenant, found.content):
                    raise FileDamaged
                return response
            source = await objects.open(found.session.tenant, found.content)
            try:
                return await _deliver(request, begin, found, want, response, source)
            finally:
                source.close()
        except FileDamaged:
            log.error("a stored file is not what was released", sha256=found.file.sha256)
            async with begin() as tx:
                await downloading.mark_damaged(tx, found.session.tenant, found.content)
            raise

    async def _started(begin: Begin, found: downloading.Found, stretch: Stretch, transfer: UUID) -> None:
        async with begin() as tx:
            await downloading.start(tx, found, stretch, transfer, transfers.process, limits.connections)

    async def _deliver(
        request: web.Request,
        begin: Begin,
        found: downloading.Found,
        want: Wanted,
        response: web.StreamResponse,
        source: Source,
    ) -> web.StreamResponse:
        transfer, stretch = uuid7(), (want.first, want.end)
        try:
            await _started(begin, found, stretch, transfer)
        except TooManyConnections:
            log.warning("a link has too many connections", grant=str(found.session.grant.grant))
            raise Problem(
                429, "too-many-connections", "This link has too many connections open.", {"Retry-After": "2"}
            ) from None
        sending: Transfer | None = None
        try:
            await response.prepare(request)
            response.headers.clear()  # they are sent, and a slow reader would keep them for hours
            if request.transport is None:
                raise Gone
            ids = (found.session.tenant, found.session.session, transfer)
            sending = Transfer(request.transport, ids, stretch, limits.patience_seconds)
            transfers.open[transfer] = sending
            await sending.run(source)
        except (Gone, OSError):
            pass
        except FileDamaged:
            log.error("a stored file is shorter than released", sha256=found.file.sha256)
        finally:
            arrived_to, sent_to = (sending.arrived_to, sending.sent_to) if sending else (want.first, want.first)
            whole = arrived_to == want.end
            transfers.open.pop(transfer, None)
            if sending is not None:
                sending.close(reset=not whole)
            elif request.transport is not None:
                request.transport.abort()
            ended = downloading.Ended(transfer, want.first, want.end, arrived_to, sent_to, found.file.sha256)
            await asyncio.shield(_recorded(begin, found, ended, transfers.recording))
        with suppress(OSError, RuntimeError):
            await response.write_eof()
        return response


async def _looked_up(begin: Begin, secret: str) -> downloading.Found:
    # here and not where bytes flow: what a transaction said would stay as long as they do
    async with begin() as tx:
        return await downloading.look(tx, secret)


async def _recorded(begin: Begin, found: downloading.Found, ended: downloading.Ended, turn: asyncio.Semaphore) -> None:
    """The bytes are gone: try hard to keep what is known of them."""
    for again in range(RECORDINGS):
        try:
            async with turn, begin() as tx:
                await downloading.end(tx, found, ended)
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
