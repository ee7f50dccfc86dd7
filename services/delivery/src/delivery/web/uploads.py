"""Staff uploads files; their bodies flow into the store."""

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.telemetry import holds_card
from chassis.web import Answer, Listing, Routes, View, card_number, parts, unfit
from pydantic import Field

from delivery.clients.objects import Objects
from delivery.domain.files import File, FileTooLarge, file_name, media_type
from delivery.store import contents, files, lines
from delivery.usecases import releasing
from delivery.web.downloads import Limits

routes = Routes()

Sku = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Version = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]{44}):")
STAFF = ("files", "sales", "support")


class FileView(View):
    """A file as it is delivered."""

    file: UUID
    sku: str
    name: str
    version: str
    media_type: str
    size: int
    sha256: str
    released_at: datetime


class MissingFiles(View):
    """An article without files: so many paid lines wait for it, the first since then."""

    sku: str
    name: str
    lines: int
    since: datetime


@routes.get("/skus/{sku}/files", allow=STAFF)
async def list_files(read: Read, caller: Caller, sku: Sku) -> Listing[FileView]:
    """All files of an article, as they are delivered now."""
    return Listing(items=[_view(file) for file in await files.of_article(read, caller.tenant, sku)])


@routes.get("/missing-files", allow=STAFF)
async def missing_files(read: Read, caller: Caller) -> Listing[MissingFiles]:
    """The articles that are paid and cannot be delivered, because they have no files; longest waiting first."""
    rows = await lines.missing(read, caller.tenant)
    return Listing(items=[MissingFiles.model_validate(row) for row in rows])


@routes.put(
    "/skus/{sku}/files/{name}", allow="files", takes=("*/*", "application/octet-stream"), also={200: Listing[FileView]}
)
async def upload_file(
    request: web.Request,
    read: Read,
    begin: Begin,
    caller: Caller,
    objects: Objects,
    limits: Limits,
    sku: Sku,
    name: str,
    version: Version = "1",
    sha256: Sha256 | None = None,
    supersedes: str | None = None,
) -> Answer:
    """Send a file as the raw body, with its media type as Content-Type; a file of this name is replaced.

    The SHA-256 may be announced, as `sha256` in hexadecimal or as Content-Digest (RFC 9530), and must then be
    right. All files of the article are published as released; the same content again changes nothing. A file that it
    supersedes, under another name, goes on as this one: links show it, and downloads of the other count.
    """
    kind = media_type(request.headers.get("Content-Type", "application/octet-stream"))
    if holds_card(kind):
        raise card_number("Content-Type")
    replaced = None if supersedes is None else file_name(supersedes)
    upload = releasing.Upload(caller.tenant, sku, file_name(name), version, kind, caller.subject, replaced)
    if (request.content_length or 0) > limits.upload_bytes:
        raise FileTooLarge
    received = await objects.receive(
        parts(request),
        length=request.content_length,
        limit=limits.upload_bytes,
        sha256=(sha256 or _announced(request) or "").lower() or None,
    )
    content = await releasing.sound_content(read, caller.tenant, received.sha256)
    if content is not None and await objects.sound(caller.tenant, content):
        await objects.discard(received.path)
    else:
        async with begin() as tx:
            await contents.expect(tx, caller.tenant, received.sha256, received.size)
        content = await objects.keep(caller.tenant, received)
    async with begin() as tx:
        await releasing.release_file(tx, upload, content)
    return Answer(await list_files(read, caller, sku), 200)


@routes.delete("/skus/{sku}/files/{name}", allow="files")
async def retire_file(tx: Tx, caller: Caller, sku: Sku, name: str, everybody: bool = False) -> Listing[FileView]:
    """Offer a file no more: links that were granted before keep it, unless it goes for everybody."""
    await releasing.retire_file(tx, caller.tenant, sku, name, for_everybody=everybody)
    return await list_files(tx, caller, sku)


def _announced(request: web.Request) -> str | None:
    header = request.headers.get("Content-Digest")
    if header is None:
        return None
    match = DIGEST.search(header)
    try:
        raw = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        raw = b""
    if len(raw) != 32:
        raise unfit("Content-Digest must have a sha-256 (RFC 9530).", "Content-Digest", "sha-256")
    return raw.hex()


def _view(file: File) -> FileView:
    return FileView(
        file=file.id,
        sku=file.sku,
        name=file.name,
        version=file.version,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        released_at=file.released_at,
    )
