"""A form with files on its way to a service: each piece is passed on as it arrives, and counted."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from secrets import token_hex

from chassis.web import MULTIPART, Part, Problem


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many files a service takes at once, and how many bytes they may have together."""

    files: int
    size: int


class Forwarded:
    """Fields and files as the body of a request (RFC 7578); what was sent names no field, and ends no part."""

    def __init__(self, fields: Mapping[str, str], files: AsyncIterable[Part], name: str, allowed: Allowance) -> None:
        """Take the fields, the files, under which name they are sent, and how much of them is."""
        self._fields, self._files, self._name, self._allowed = fields, files, name, allowed
        self._boundary = token_hex(24)
        self.media_type = f"{MULTIPART}; boundary={self._boundary}"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body; raises Problem 413 `too-large` or `too-many-files`, and where what arrives is torn."""
        for name, value in self._fields.items():
            yield self._head(f'name="{_written(name)}"') + value.encode() + b"\r\n"
        count = size = 0
        async for file in self._files:
            count += 1
            if count > self._allowed.files:
                raise Problem(413, "too-many-files", "These are too many files.", limit=self._allowed.files)
            named = f'name="{_written(self._name)}"; filename="{_written(file.file_name or "")}"'
            yield self._head(named, _type(file.media_type))
            async for chunk in file.chunks():
                size += len(chunk)
                if size > self._allowed.size:
                    raise Problem(413, "too-large", "The files are too large.", limit=self._allowed.size)
                yield chunk
            yield b"\r\n"
        yield f"--{self._boundary}--\r\n".encode()

    def _head(self, named: str, media_type: str = "") -> bytes:
        kind = f"Content-Type: {media_type}\r\n" if media_type else ""
        return f"--{self._boundary}\r\nContent-Disposition: form-data; {named}\r\n{kind}\r\n".encode()


def _written(name: str) -> str:
    """Return a name as it stands between quotes: what would end it, or its line, is written as browsers do (HTML)."""
    return name.replace("\\", "_").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _type(media_type: str) -> str:
    """Return a media type that is one, for another one that of any bytes."""
    plain = media_type.isascii() and media_type.isprintable() and media_type.count("/") == 1 and " " not in media_type
    return media_type if plain and len(media_type) <= 120 else "application/octet-stream"
