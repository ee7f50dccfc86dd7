"""Forms that send a file: its fields come first, then the file as it arrives."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from chassis.web import Problem
from pages.visit import Visit, refuse_foreign

MULTIPART: Final = ("multipart/form-data",)
FIELD_BYTES: Final = 4096
MOST_FIELDS: Final = 20
CHUNK: Final = 65_536
# what aiohttp makes of parts that are none: without an end, with endless heads, or with names that are no text
TORN: Final = (ValueError, AssertionError, HttpProcessingError)
MALFORMED: Final = Problem(400, "malformed", "The form cannot be read.")


@dataclass(slots=True)
class Upload:
    """The fields that came before the file, the file's name and type, and the file."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    name: str = ""
    media_type: str = "application/octet-stream"
    part: BodyPartReader | None = None
    form: MultipartReader | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the file as it arrives; raises Problem for one that has no end, for half a file is none."""
        if self.part is None or self.form is None:
            return
        try:
            while chunk := await self.part.read_chunk(CHUNK):
                yield chunk
            await self.form.next()
        except TORN:
            raise MALFORMED from None

    async def whole(self, limit: int) -> bytes:
        """Return the file; raises Problem 413 for one of more bytes."""
        found = bytearray()
        async for chunk in self.chunks():
            found += chunk
            if len(found) > limit:
                raise Problem(413, "too-large", "The file is too large.", limit=limit)
        return bytes(found)


async def receive(request: web.Request, visit: Visit) -> Upload:
    """Read a form up to its file; raises Problem for a foreign, forged or malformed one."""
    refuse_foreign(request)
    if request.content_type != MULTIPART[0]:
        raise Problem(415, "unsupported-media-type", "Send multipart/form-data.")
    try:
        return await _read(request, visit)
    except TORN:
        raise MALFORMED from None


async def _read(request: web.Request, visit: Visit) -> Upload:
    reader = await request.multipart()
    upload = Upload()
    for _ in range(MOST_FIELDS):
        part = await reader.next()
        if not isinstance(part, BodyPartReader):
            break
        if part.filename is not None:
            part.filename.encode()  # what is no text names no file
            upload.name, upload.form = part.filename, reader
            upload.media_type = part.headers.get("Content-Type", upload.media_type).partition(";")[0]
            upload.part = part
            break
        value = await part.read_chunk(FIELD_BYTES)
        if not part.at_eof():
            raise MALFORMED
        upload.fields[part.name or ""] = value.decode().strip()
    if not visit.proves(upload.fields.pop("token", "")):
        raise Problem(403, "form-expired", "This form is too old. Open the page again and send it once more.")
    return upload
