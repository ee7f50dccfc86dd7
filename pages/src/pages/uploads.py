"""Forms that send files: their fields come first, then each file as it arrives."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from chassis.web import MULTIPART as MEDIA_TYPE
from chassis.web import Multipart, Part, Problem, malformed, multipart

from pages.forms import expired
from pages.visit import Visit, refuse_foreign

MULTIPART: Final = (MEDIA_TYPE,)
FIELD_BYTES: Final = 4096
MOST_FIELDS: Final = 20
TOKEN: Final = "token"  # noqa: S105 -- the name of a field
# a file of gigabytes may take hours; between two pieces of it there is silence for a minute at most
HOURS: Final = 6 * 3600.0


@dataclass(slots=True)
class Upload:
    """The fields that came before the files, and the files: each is read before the next one.

    `name` and `media_type` are those of the first file, which `chunks` and `whole` read.
    """

    fields: dict[str, str]
    _form: Multipart
    _first: Part | None = None

    @property
    def name(self) -> str:
        """The name of the file, as whoever sent it calls it; empty where none was chosen."""
        return (self._first.file_name or "") if self._first else ""

    @property
    def media_type(self) -> str:
        """What the browser takes the file for; nobody has looked."""
        return self._first.media_type if self._first else "application/octet-stream"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the file as it arrives; raises Problem for one that has no end, for half a file is none."""
        if self._first is None:
            return
        async for chunk in self._first.chunks():
            yield chunk
        await self._form.next()

    async def whole(self, limit: int) -> bytes:
        """Return the file; raises Problem 413 for one of more bytes."""
        found = bytearray()
        async for chunk in self.chunks():
            found += chunk
            if len(found) > limit:
                raise Problem(413, "too-large", "The file is too large.", limit=limit)
        return bytes(found)

    async def files(self) -> AsyncIterator[Part]:
        """Yield all files that were chosen, to be read one after the other; raises Problem where a field follows."""
        part = self._first
        while part is not None:
            if part.file_name is None:
                raise malformed()
            if part.file_name:
                yield part
            part = await self._form.next()


async def receive(
    request: web.Request,
    visit: Visit,
    *,
    most_files: int = 1,
    field_bytes: int = FIELD_BYTES,
    seconds: float = HOURS,
) -> Upload:
    """Read a form up to its first file; raises Problem for a foreign, forged or malformed one.

    Each field comes once, and none behind a file.
    """
    refuse_foreign(request)
    form = await multipart(request, most_parts=MOST_FIELDS + most_files, seconds=seconds)
    upload = Upload({}, form)
    while (part := await form.next()) is not None:
        if part.file_name is not None:
            upload = Upload(upload.fields, form, part)
            break
        if part.name in upload.fields or len(upload.fields) >= MOST_FIELDS:
            raise malformed()
        upload.fields[part.name] = (await _value(part, field_bytes)).strip()
    if not visit.proves(upload.fields.pop(TOKEN, "")):
        raise expired()
    return upload


async def _value(part: Part, most: int) -> str:
    try:
        return await part.text(most)
    except Problem as problem:
        raise (malformed() if problem.status == 413 else problem) from None
