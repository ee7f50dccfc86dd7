"""A message and its parts: where each stands in the source, without a copy of it."""

import binascii
import contextlib
import re
from dataclasses import dataclass, field

from mail_relay.domain.rewriting import parameters
from mail_relay.domain.rewriting.fields import text_of
from mail_relay.domain.rewriting.way import Reason, Refused

DEPTH = 16
PARTS = 500
FIELD = 65_536
"""The longest value of a field that is kept, in octets; a longer one of another name is passed over."""
HEADER = 1_048_576
LONGEST_LINE = 998
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)(?:\r\n|\Z)")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")
# the end of Base64: its padding, and blank lines
_PADDING = 10
KEPT = {
    "from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "content-type",
    "content-transfer-encoding", "content-disposition", "content-id", "content-description", "content-language",
}  # fmt: skip
"""The fields that are looked at; of all others nothing is read (F-M06)."""


@dataclass(slots=True)
class Entity:
    """A message or a part of one: its fields, and its contents from `start` to `end` of the source."""

    source: bytes
    start: int
    end: int
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    media_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    encoding: str = "7bit"
    attached: bool = False
    file_name: str = ""
    parts: list["Entity"] = field(default_factory=list["Entity"])

    def first(self, name: str) -> str:
        """Return the first value of a field, empty where there is none."""
        return self.fields.get(name, [""])[0]

    @property
    def body(self) -> bytes:
        """The contents as they were encoded: a copy."""
        return self.source[self.start : self.end]

    def octets(self) -> tuple[bytes, int, int]:
        """Return the contents without their transfer encoding as a part of something: no copy where they have none."""
        if self.encoding not in ("base64", "quoted-printable"):
            return self.source, self.start, self.end
        decoded = self.decoded()
        return decoded, 0, len(decoded)

    def decoded(self) -> bytes:
        """Return the contents without their transfer encoding, as leniently as mail programs do."""
        if self.encoding == "base64":
            padding = self.source.find(b"=", self.start, self.end)
            tail = b"" if padding < 0 else self.source[padding : min(self.end, padding + _PADDING)]
            if not tail.strip(b"=\r\n") and len(tail) < _PADDING:
                # what a program wrote is decoded without another copy of it
                with contextlib.suppress(binascii.Error):
                    return binascii.a2b_base64(memoryview(self.source)[self.start : self.end])
            signs = re.sub(rb"[^A-Za-z0-9+/]", b"", self.body)
            signs = signs[: len(signs) - (len(signs) % 4 == 1)]
            return binascii.a2b_base64(signs + b"=" * (-len(signs) % 4))
        return binascii.a2b_qp(self.body) if self.encoding == "quoted-printable" else self.body


def read_entity(raw: bytes) -> Entity:
    """Return a message as an entity. Raises Refused."""
    source = normalised(raw)
    return Reading().entity(source, 0, len(source))


def are_short(source: bytes, start: int, end: int) -> bool:
    """Return whether no line has more than 998 octets (RFC 5322 2.1.1), the last one included; it copies nothing."""
    while end - start > LONGEST_LINE:
        # the last end of a line that a short one could have
        found = source.rfind(b"\n", start, start + LONGEST_LINE + len(b"\r\n"))
        if found < 0:
            return False
        start = found + 1
    return True


def normalised(raw: bytes) -> bytes:
    """Return a message whose lines all end in CRLF: itself if they do."""
    pairs = raw.count(b"\r\n")
    if raw.count(b"\n") == pairs == raw.count(b"\r"):
        return raw
    return re.sub(rb"\r\n|\r|\n", b"\r\n", raw)


class Reading:
    """Reads a message, and counts its parts."""

    def __init__(self) -> None:
        self._parts = 0

    def entity(self, source: bytes, start: int, end: int, depth: int = 0, default: str = "text/plain") -> Entity:
        """Return the entity that stands in the source from `start` to `end`.

        Raises:
            Refused: It has too many parts, they are nested too deeply, or a field that is kept is too long.
        """
        self._parts += 1
        if depth > DEPTH:
            raise Refused(Reason.TOO_DEEP)
        if self._parts > PARTS:
            raise Refused(Reason.TOO_MANY_PARTS)
        body = end
        if source.startswith(b"\r\n", start):
            blank, body = start, start + 2
        elif (blank := source.find(b"\r\n\r\n", start, end)) >= 0:
            body = blank + 4
            blank += 2
        else:
            blank = end
        if blank - start > HEADER:
            raise Refused(Reason.LONG_FIELD)
        entity = Entity(source, body, end, _fields(source, start, blank))
        self._describe(entity, default)
        if entity.media_type.startswith("multipart/"):
            if entity.parameters.get("boundary"):
                self._part(entity, depth)
            if not entity.parts:
                entity.media_type = "text/plain"
        return entity

    def _describe(self, entity: Entity, default: str) -> None:
        media_type, entity.parameters = parameters.read(entity.first("content-type") or default)
        media_type = media_type if _TYPE.fullmatch(media_type) else default
        entity.media_type = media_type
        entity.encoding = entity.first("content-transfer-encoding").strip().lower() or "7bit"
        disposition, named = parameters.read(entity.first("content-disposition"))
        entity.attached = disposition == "attachment"
        entity.file_name = named.get("filename") or entity.parameters.get("name", "")

    def _part(self, entity: Entity, depth: int) -> None:
        """Find the parts between the boundaries; a missing last one is the end of the contents."""
        source, boundary = entity.source, b"--" + entity.parameters["boundary"].encode("latin-1", "replace")
        default = "message/rfc822" if entity.media_type == "multipart/digest" else "text/plain"
        begin, at = -1, entity.start
        while True:
            at = source.find(boundary, at, entity.end)
            if at < 0:
                break
            line = source.find(b"\r\n", at, entity.end)
            line = entity.end if line < 0 else line
            rest = source[at + len(boundary) : min(line, at + len(boundary) + 100)].strip(b" \t")
            alone = at == entity.start or source.startswith(b"\r\n", at - 2)
            if alone and rest in (b"", b"--") and line - at < len(boundary) + 100:
                if begin >= 0:
                    end = max(begin, at - 2)
                    entity.parts.append(self.entity(source, begin, end, depth + 1, default))
                begin = -1 if rest else min(line + 2, entity.end)
                if rest:
                    break
            at = line
        if begin >= 0:
            entity.parts.append(self.entity(source, begin, entity.end, depth + 1, default))


def _fields(source: bytes, start: int, end: int) -> dict[str, list[str]]:
    """Return the values of the fields that are kept, unfolded; lines that are no fields are passed over."""
    fields = dict[str, list[str]]()
    at = start
    while at < end:
        match = _FIELD.match(source, at, end)
        if match is None:
            line = source.find(b"\r\n", at, end)
            at = end if line < 0 else line + 2
            continue
        at = match.end()
        name = match[1].decode().lower()
        if name in KEPT:
            if len(match[2]) > FIELD:
                raise Refused(Reason.LONG_FIELD, name)
            value = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text_of(match[2].replace(b"\r\n", b"")))
            fields.setdefault(name, []).append(value.strip())
    return fields
