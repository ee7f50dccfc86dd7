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
from chassis.db import Begin, Once, Read
from chassis.web import Problem, Routes
from pydantic import Field

from delivery.clients.objects import Objects
from delivery.clients.peers import ReaderGone, Source, SourceAway, Transfer, Transfers
from delivery.clients.tls_peers import transfer_over
from delivery.domain.files import File, FileDamaged
from delivery.domain.ranges import ByteRange, RangeNotSatisfiable, requested
from delivery.domain.sessions import Address, Connection, Proof, TooManyConnections
from delivery.usecases import downloading
from delivery.web.pages import REFUSALS, refused

log = structlog.get_logger(__name__)
routes = Routes()

# whatever was made of an address is looked up, so that a browser gets a page
Secret = Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
RECORDINGS = 6
BYTES = "application/octet-stream"
ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"
# letters that Unicode does not take apart
SPELLED = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l"}
    | {"Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "ı": "i"}
)
UNSPELLED = frozenset({"Mn", "Mc", "Me", "Cf"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What an installation sets: sizes in bytes, times, connections per link, the path in front of all addresses.

    `scheme` is that of the addresses of shops, which are behind the same door. `proof` is what a connection can prove.
    """

    upload_bytes: int
    session_lifetime: timedelta
    connections: int
    patience_seconds: float
    prefix: str
    scheme: str
    zone: ZoneInfo
    proof: Proof


@dataclass(frozen=True, slots=True)
class Access:
    """How a download reaches the database: by a look and one statement, or a transaction where that was too late."""

    read: Read
    once: Once
    begin: Begin


@dataclass(frozen=True, slots=True)
class Ready:
    """A response whose headers are to be sent, the opened file, and the recorded connection."""

    response: web.StreamResponse
    source: Source
    connection: Connection


@routes.get("/t/{secret}", also={200: BYTES, 206: BYTES, 416: Problem})
async def transfer(
    request: web.Request,
    read: Read,
    once: Once,
    begin: Begin,
    secret: Secret,
    objects: Objects,
    transfers: Transfers,
    limits: Limits,
) -> web.StreamResponse:
    """Fetch a file whose download was started from its link; may be resumed with Range and If-Range."""
    access = Access(read, once, begin)
    ready = await _ready(request, access, secret, objects, transfers, limits)
    if isinstance(ready, web.StreamResponse):
        return ready
    try:
        return await _deliver(request, access, ready, transfers, limits)
    finally:
        ready.source.close()


# a function of its own, because what it knows would stay for hours where bytes flow
async def _ready(
    request: web.Request, access: Access, secret: str, objects: Objects, transfers: Transfers, limits: Limits
) -> Ready | web.StreamResponse:
    """Return what is needed to send, or the answer to HEAD, or to a browser the page of a refusal."""
    language: str | None = None
    try:
        address = await downloading.look(access.read, secret)
        language = address.session.order.language
        return await _open(request, access, address, objects, transfers, limits)
    except tuple(REFUSALS) as error:
        wait = {"Retry-After": "2"} if isinstance(error, TooManyConnections) else {}
        if "text/html" in request.headers.get("Accept", ""):
            page = refused(request, error, language)
            page.headers.update(wait)
            return page
        if not wait:
            raise
        raise Problem(429, "too-many-connections", "This link has too many connections open.", wait) from None


async def _open(
    request: web.Request, access: Access, address: Address, objects: Objects, transfers: Transfers, limits: Limits
) -> Ready | web.StreamResponse:
    """Return the headers, the opened file and the recorded connection; the headers alone for HEAD."""
    address.check(access.read.now)
    tenant, content = address.session.order.tenant, address.stored
    part = _requested(request, address)
    response = _headed(address.file, part)
    try:
        if request.method == "HEAD":
            if not await objects.sound(tenant, content):
                raise FileDamaged
            return response
        source = await objects.open(tenant, content)
    except FileDamaged:
        log.error("a stored file is not what was released", sha256=content.sha256)
        async with access.begin() as tx:
            await downloading.mark_damaged(tx, tenant, content)
        raise
    try:
        asked = (address, (part.first, part.end), transfers.process_id, limits.connections, limits.proof)
        connection = await downloading.try_start(access.once, *asked)
        if connection is None:
            async with access.begin() as tx:
                connection = await downloading.start_locked(tx, *asked)
    except BaseException as error:
        source.close()
        if isinstance(error, TooManyConnections):
            log.warning("a link has too many connections", grant=str(address.session.grant_id))
        raise
    return Ready(response, source, connection)


async def _deliver(
    request: web.Request,
    access: Access,
    ready: Ready,
    transfers: Transfers,
    limits: Limits,
) -> web.StreamResponse:
    response, connection = ready.response, ready.connection
    sending: Transfer | None = None
    try:
        await response.prepare(request)
        response.headers.clear()  # they are sent, and a slow reader would keep them for hours
        if request.transport is None:
            raise ReaderGone
        sending = transfer_over(request.transport, connection, limits.patience_seconds)
        transfers.open[connection.id] = sending
        await sending.run(ready.source)
    except (ReaderGone, OSError):
        pass
    except SourceAway as away:
        log.warning("a transfer is cut because the store of files does not answer", reason=str(away))
    except FileDamaged:
        log.error("a stored file is shorter than released", sha256=connection.sha256)
    finally:
        first = connection.first
        arrived_to, sent_to = (sending.arrived_to, sending.sent_to) if sending else (first, first)
        transfers.open.pop(connection.id, None)
        if sending is not None:
            sending.close(reset=arrived_to < connection.end)
        elif request.transport is not None:
            request.transport.abort()
        transfers.record(_record_end(access, connection, arrived_to, sent_to, transfers.turn))
    with suppress(OSError, RuntimeError):
        await response.write_eof()
    return response


async def _record_end(
    access: Access, connection: Connection, arrived_to: int, sent_to: int, turn: asyncio.Semaphore
) -> None:
    """Record how a connection has ended, in several attempts: nobody else knows."""
    ended = (connection, arrived_to, sent_to)
    for attempt in range(RECORDINGS):
        try:
            async with turn:
                if not await downloading.try_end(access.read, access.once, *ended):
                    async with access.begin() as tx:
                        await downloading.end_locked(tx, *ended)
        except Exception as error:
            log.warning("how a transfer ended cannot be recorded yet", reason=type(error).__name__)
            await asyncio.sleep(0.05 * 4**attempt)
        else:
            return


def _requested(request: web.Request, address: Address) -> ByteRange:
    file, headers = address.file, request.headers
    asked, if_range = headers.get("Range"), headers.get("If-Range")
    if address.replaced and if_range is None:
        # Nobody can tell of which version the reader has the rest: never mixed bytes (F-D10).
        asked = None
    try:
        return requested(file.size, _etag(file), asked, if_range)
    except RangeNotSatisfiable as error:
        headers = {"Content-Range": f"bytes */{error.size}", "Accept-Ranges": "bytes"}
        raise Problem(416, "range-not-satisfiable", "The file has no such bytes.", headers) from None


def _headed(file: File, part: ByteRange) -> web.StreamResponse:
    response = web.StreamResponse(status=206 if part.partial else 200)
    response.content_length = part.end - part.first
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
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        }
    )
    if part.partial:
        response.headers["Content-Range"] = f"bytes {part.first}-{part.end - 1}/{file.size}"
    return response


def disposition(name: str) -> str:
    """Return the header that gives a file its name (RFC 6266, RFC 8187), with an ASCII name for old programs."""
    encoded = quote(name, safe=ATTRIBUTE_CHARACTERS)
    return f"attachment; filename=\"{stand_in(name)}\"; filename*=UTF-8''{encoded}"


def stand_in(name: str) -> str:
    """Return a file's name in ASCII, as near as it can be spelled; it shows something and keeps its ending."""
    spelled = unicodedata.normalize("NFKD", name.translate(SPELLED))
    seen = [character for character in spelled if unicodedata.category(character) not in UNSPELLED]
    plain = "".join(one if one.isascii() and one not in '"\\/%;' else "_" for one in seen).strip(". ")
    stem, dot, ending = plain.rpartition(".") if "." in plain else (plain, "", "")
    return f"{stem if any(map(str.isalnum, stem)) else 'download'}{dot}{ending}"


def _etag(file: File) -> str:
    return f'"{file.sha256}"'
