"""A whole message: its header by the list of what is allowed, its parts by the table of treatments."""

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

from mail_relay.domain.rewriting import parameters
from mail_relay.domain.rewriting.calendars import calendar
from mail_relay.domain.rewriting.entities import Entity, Reading, are_short, normalised
from mail_relay.domain.rewriting.fields import addresses, charset_of, decoded, text_of, unstructured
from mail_relay.domain.rewriting.headers import forwarded_header, header
from mail_relay.domain.rewriting.hiding import Hiding
from mail_relay.domain.rewriting.pages import page
from mail_relay.domain.rewriting.plain import plain_text
from mail_relay.domain.rewriting.remote import may_fetch
from mail_relay.domain.rewriting.shadow import shadow_of, undisguised
from mail_relay.domain.rewriting.treatment import Treatment, treatment_of
from mail_relay.domain.rewriting.way import Change, Kind, Reason, Refused, Rewritten, Way

LONG_TEXT = 1_048_576
"""A text of more octets is looked through, and taken out if something hidden is in it, not rewritten."""
_WINDOW = 262_144
_NOTE = "[{} was removed by the mail relay, for it names its sender. / wurde vom Mail-Relay entfernt.]\r\n"
_REFUSALS = {
    Treatment.REPORT: Reason.REPORT,
    Treatment.ENCRYPTED: Reason.ENCRYPTED,
    Treatment.INCOMPLETE: Reason.INCOMPLETE,
}
_TEXTS = {Treatment.PLAIN, Treatment.PAGE, Treatment.CALENDAR}
_KEPT_PARAMETERS = ("charset", "format", "delsp", "method", "component")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n"
_NO_SIGNS = bytes(set(range(256)) - set(_BASE64.strip()))
# what a program put behind the name of an image: a moment (Outlook), or a host, which may be somebody's machine
_HOST = re.compile(r"@(?![0-9A-Fa-f.]+$)")
_LANGUAGES = re.compile(r"[A-Za-z0-9-]{1,35}(?:,\s*[A-Za-z0-9-]{1,35}){0,9}")
Chunk = bytes | memoryview


class Writing:
    """Writes what becomes of each part of a message; what is not changed is not copied."""

    def __init__(self, raw: bytes, way: Way) -> None:
        self._way = way
        self._raw = raw
        self._hiding = Hiding(way)
        self._plain = raw.isascii() and b"\0" not in raw
        self._short = are_short(raw, 0, len(raw))
        self._boundaries = 0
        self._reading = Reading()
        self._cids = dict[str, str]()
        self.changes = list[Change]()

    def message(self) -> Rewritten:
        """Return the message as the receiver gets it."""
        root = self._reading.entity(self._raw, 0, len(self._raw))
        for _, author in addresses(root.fields.get("from", []))[:1]:
            if "." in author.rpartition("@")[2] and author not in self._way.hidden:
                self._hiding = Hiding(replace(self._way, hidden=(*self._way.hidden, author)))
        lines, changes = header(root, self._way, self._hiding)
        self.changes += changes
        self._name_images(root)
        fields, body = self._entity(root, "1", 0, quoted=False)
        head = "\r\n".join([*lines, "MIME-Version: 1.0", *fields]).encode("ascii") + b"\r\n\r\n"
        return Rewritten(b"".join([head, *body]), tuple(self.changes))

    def _name_images(self, entity: Entity) -> None:
        """Choose new names for the images whose name shows a host or something hidden, for parts and pages alike."""
        for part in entity.parts:
            name = part.first("content-id").strip().strip("<>").strip()
            plain = shadow_of(name).text
            if name and (_HOST.search(name) or self._hiding.cleaned(name) != name or not _printable(name)):
                digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:20]
                self._cids[plain] = f"{digest}@{self._way.alias.rpartition('@')[2]}"
            self._name_images(part)

    def _entity(self, entity: Entity, place: str, depth: int, *, quoted: bool) -> tuple[list[str], list[Chunk]]:
        treatment = treatment_of(entity, depth)
        if treatment in _REFUSALS:
            raise Refused(_REFUSALS[treatment], entity.media_type)
        if treatment is Treatment.TAKEN_OUT:
            return self._note(entity, place)
        if treatment is Treatment.PARTS:
            return self._parts(entity, place, depth, quoted=quoted)
        if treatment is Treatment.MESSAGE:
            return self._forwarded(entity, place, depth)
        if treatment in _TEXTS:
            return self._text(entity, place, treatment, quoted=quoted)
        return self._file(entity, place)

    def _note(self, entity: Entity, place: str) -> tuple[list[str], list[Chunk]]:
        self.changes.append(Change(Kind.TAKEN_OUT, entity.media_type, place))
        text = _NOTE.format(entity.media_type)
        return ["Content-Type: text/plain; charset=us-ascii", "Content-Disposition: inline"], [text.encode()]

    def _parts(self, entity: Entity, place: str, depth: int, *, quoted: bool) -> tuple[list[str], list[Chunk]]:
        subtype = entity.media_type.partition("/")[2]
        subtype = subtype if subtype in ("alternative", "related", "mixed") else "mixed"
        chunks, boundary = list[Chunk](), self._boundary()
        for number, part in enumerate(entity.parts, 1):
            # of alternatives a note would be the best one
            if subtype == "alternative" and treatment_of(part, depth + 1) is Treatment.TAKEN_OUT:
                self.changes.append(Change(Kind.TAKEN_OUT, part.media_type, f"{place}.{number}"))
                continue
            fields, body = self._entity(part, f"{place}.{number}", depth + 1, quoted=quoted)
            head = "\r\n".join([f"\r\n--{boundary}" if chunks else f"--{boundary}", *fields])
            chunks += head.encode("ascii"), b"\r\n\r\n", *body
        if not chunks:
            return self._note(entity, place)
        kept = {"boundary": boundary}
        if subtype == "related":
            kept = {"type": entity.parts[0].media_type} | kept
        chunks.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
        return [f"Content-Type: {parameters.written(f'multipart/{subtype}', kept)}"], chunks

    def _boundary(self) -> str:
        while True:
            self._boundaries += 1
            digest = hashlib.sha256(f"{self._way.message_id} {self._boundaries}".encode()).hexdigest()[:32]
            if f"=_{digest}".encode() not in self._raw:
                return f"=_{digest}"

    def _forwarded(self, entity: Entity, place: str, depth: int) -> tuple[list[str], list[Chunk]]:
        source, start, end = entity.source, entity.start, entity.end
        if entity.encoding in ("base64", "quoted-printable"):
            source = normalised(entity.decoded())
            start, end = 0, len(source)
            self._plain = self._short = False
        inner = self._reading.entity(source, start, end, depth + 1)
        lines, changes = forwarded_header(inner, self._way, self._hiding, place)
        self.changes += changes
        self._name_images(inner)
        fields, body = self._entity(inner, f"{place}.1", depth + 1, quoted=True)
        head = "\r\n".join([*lines, "MIME-Version: 1.0", *fields]).encode("ascii") + b"\r\n\r\n"
        return ["Content-Type: message/rfc822", *self._disposition(entity, place)], [head, *body]

    def _text(self, entity: Entity, place: str, treatment: Treatment, *, quoted: bool) -> tuple[list[str], list[Chunk]]:
        if entity.end - entity.start > LONG_TEXT:
            return self._long(entity, place, is_page=treatment is Treatment.PAGE)
        octets = entity.decoded()
        charset = entity.parameters.get("charset", "")
        text = text_of(octets, charset).replace("\0", "")
        if treatment is Treatment.PAGE:
            new, changes = page(text, self._hiding, place, self._cids, quoted=quoted)
        elif treatment is Treatment.CALENDAR:
            new, changes = calendar(text, self._hiding, place, quoted=quoted)
        else:
            new, changes = plain_text(text, self._hiding, place, quoted=quoted)
        self.changes += changes
        known = not charset or charset_of(charset) is not None
        if new == text and known and self._travels(entity):
            return self._fields(entity, place, entity.encoding), [memoryview(entity.source)[entity.start : entity.end]]
        encoding, body = _encoded(new)
        if not new.isascii() or charset.lower() not in ("us-ascii", ""):
            entity.parameters["charset"] = "utf-8"
        return self._fields(entity, place, encoding), [body]

    def _long(self, entity: Entity, place: str, *, is_page: bool) -> tuple[list[str], list[Chunk]]:
        """Look through a long text without a copy of it in letters; it goes as it is, or not at all."""
        octets, start, end = entity.octets()
        charset = entity.parameters.get("charset", "")
        for at in range(start, end, _WINDOW):
            window = undisguised(text_of(octets[at : min(end, at + _WINDOW + 4096)], charset), entities=True)
            if any(self._hiding.findings(shadow_of(window))) or any(self._hiding.encoded(window)):
                return self._note(entity, place)
            if is_page and may_fetch(window):
                return self._note(entity, place)
        return self._file(entity, place)

    def _file(self, entity: Entity, place: str) -> tuple[list[str], list[Chunk]]:
        if self._travels(entity):
            return self._fields(entity, place, entity.encoding), [memoryview(entity.source)[entity.start : entity.end]]
        return self._fields(entity, place, "base64"), list(_recoded(entity))

    def _travels(self, entity: Entity) -> bool:
        """Whether the contents may leave in the encoding that they came in: 7-bit, in short lines."""
        if entity.encoding not in ("7bit", "quoted-printable", "base64", "8bit", "binary"):
            return False
        view = memoryview(entity.source)[entity.start : entity.end]
        if not self._plain and re.search(rb"[\x00\x80-\xff]", view):
            return False
        if not self._short and not are_short(entity.source, entity.start, entity.end):
            return False
        if entity.encoding == "base64":
            return _is_base64(entity)
        if entity.encoding in ("8bit", "binary"):
            entity.encoding = "7bit"
        return True

    def _fields(self, entity: Entity, place: str, encoding: str) -> list[str]:
        kept = {name: entity.parameters[name] for name in _KEPT_PARAMETERS if entity.parameters.get(name)}
        if not entity.media_type.startswith("text/"):
            kept.pop("charset", None)
        name = self._named(entity, place)
        if name and entity.parameters.get("name"):
            kept["name"] = name
        fields = [f"Content-Type: {parameters.written(entity.media_type, kept)}"]
        if encoding != "7bit":
            fields.append(f"Content-Transfer-Encoding: {encoding}")
        if cid := entity.first("content-id").strip().strip("<>").strip():
            fields.append(f"Content-ID: <{self._cids.get(shadow_of(cid).text, cid)}>")
        if description := entity.first("content-description"):
            fields.append(f"Content-Description: {unstructured(self._hiding.cleaned(decoded(description))[:300])}")
        if (language := entity.first("content-language")) and _LANGUAGES.fullmatch(language):
            fields.append(f"Content-Language: {language}")
        return [*fields, *self._disposition(entity, place)]

    def _disposition(self, entity: Entity, place: str) -> list[str]:
        name = self._named(entity, place)
        if not entity.first("content-disposition") and not name:
            return []
        disposition = "attachment" if entity.attached else "inline"
        return [f"Content-Disposition: {parameters.written(disposition, {'filename': name} if name else {})}"]

    def _named(self, entity: Entity, place: str) -> str:
        """Return the name of a file without what is hidden."""
        if not entity.file_name:
            return ""
        name = parameters.file_name(decoded(entity.file_name))
        clean = self._hiding.cleaned(name)
        if clean != name:
            change = Change(Kind.REPLACED, name, place)
            self.changes += () if change in self.changes else (change,)
        return clean


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable() and not re.search(r"[\s<>\"]", text) and len(text) <= 200


def _is_base64(entity: Entity) -> bool:
    """Whether there is nothing but Base64: whatever else stood there would be handed on unread."""
    padding = entity.source.find(b"=", entity.start, entity.end)
    end = entity.end if padding < 0 else padding
    if entity.end - end > 100 or entity.source[end : entity.end].strip(b"=\r\n"):
        return False
    return not any(
        entity.source[at : min(end, at + _WINDOW)].translate(None, _BASE64) for at in range(entity.start, end, _WINDOW)
    )


def _encoded(text: str) -> tuple[str, bytes]:
    """Return a text in the encoding that suits it: as it is, quoted-printable, or Base64 for far scripts."""
    octets = re.sub(r"\r\n|\r|\n", "\r\n", text).encode("utf-8", "replace")
    if octets.isascii() and are_short(octets, 0, len(octets)):
        return "7bit", octets
    if len(octets) - len(text) > len(text) // 2:
        return "base64", _base64(octets)
    # the library breaks lines as the text does, and with a bare LF where it has one line only
    return "quoted-printable", re.sub(rb"(?<!\r)\n", b"\r\n", binascii.b2a_qp(octets, istext=True))


def _base64(octets: bytes | memoryview) -> bytes:
    lines = (binascii.b2a_base64(octets[at : at + 57], newline=False) for at in range(0, len(octets), 57))
    return b"\r\n".join(lines) + b"\r\n"


def _relined(signs: bytes) -> bytes:
    return b"".join(signs[at : at + 76] + b"\r\n" for at in range(0, len(signs), 76))


def _recoded(entity: Entity) -> Iterator[bytes]:
    """Yield the contents of a file in Base64 window by window, without a whole copy of it."""
    if entity.encoding == "base64":
        rest = b""
        for at in range(entity.start, entity.end, _WINDOW):
            rest += entity.source[at : min(entity.end, at + _WINDOW)].translate(None, _NO_SIGNS)
            whole = len(rest) // 76 * 76
            yield _relined(rest[:whole])
            rest = rest[whole:]
        rest = rest[: len(rest) - (len(rest) % 4 == 1)]
        yield _relined(rest + b"=" * (-len(rest) % 4))
        return
    octets, start, end = entity.octets()
    view = memoryview(octets)
    for at in range(start, end, 57 * 4096):
        yield _base64(view[at : min(end, at + 57 * 4096)])


def rewrite(raw: bytes, way: Way) -> Rewritten:
    """Return a message as the receiver may see it: 7-bit, CRLF, lines of at most 998 octets.

    Raises:
        Refused: It cannot be made free of what is hidden, or is no message that can be handed on.
    """
    return Writing(normalised(raw), way).message()
