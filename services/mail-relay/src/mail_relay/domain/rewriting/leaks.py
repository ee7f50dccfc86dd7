"""The judge of what leaves: finds a secret in a message in whatever form, and shares no reading with the rewriting."""

import base64
import binascii
import html
import quopri
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

SHORT = 5
"""The name of a mailbox that has fewer letters is too common to be searched for by itself."""
DEPTH = 4
"""So often a text is decoded again: a link in Base64 in quoted-printable in an attachment."""
_INVISIBLE = dict.fromkeys(
    sign for sign in range(0x110000) if unicodedata.category(chr(sign)) == "Cf" or 0xFE00 <= sign <= 0xFE0F
)
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=\s*")
_QP = re.compile(r"=(?:[0-9A-Fa-f]{2}|\r?\n)")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# what stands between two pieces of a parameter (RFC 2231)
_CONTINUED = re.compile(r"\"?\s*;\s*[\w-]+\*\d+\*?=\"?")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:[ \t>]*\r?\n[ \t>]*[A-Za-z0-9+/_-]{4,})*")
# what is text in a file of any kind
_READABLE = re.compile(rb"[\t\r\n -~]{5,}")
_BROKEN = re.compile(r"[ \t]*\r?\n[ \t>|]*")


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that a message shows, and where: "raw", a header field's name, or the type of a part."""

    secret: str
    place: str


def leaks(raw: bytes, secrets: Collection[str]) -> list[Leak]:
    """Return every secret that the message shows in any part, header or encoding, each once for a place.

    A secret is an address, the name of a mailbox, a host or an id; a name of fewer than five letters is passed over.
    """
    wanted = {secret: _folded(secret) for secret in secrets if "@" in secret or len(secret) >= SHORT}
    found, seen = dict[Leak, None](), set[str]()
    for place, text in _places(raw):
        for form in _forms(text, seen):
            for secret, folded in wanted.items():
                if folded in form:
                    found[Leak(secret, place)] = None
    return list(found)


def _places(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield every text of a message: the whole as it stands, each header, each part decoded, in each likely charset."""
    yield "raw", raw.decode("latin-1")
    yield from _parts(message_from_bytes(raw), 0)


def _parts(message: Message, depth: int) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        for name, value in part.raw_items():
            text = str(value).encode("utf-8", "surrogateescape")
            yield name.lower(), text.decode("utf-8", "replace")
            yield name.lower(), _CONTINUED.sub("", str(value))
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes) or not payload:
            continue
        charset = str(part.get_content_charset("utf-8"))
        for known in dict.fromkeys((charset, "utf-8", "latin-1", "utf-16", "utf-7")):
            try:
                yield part.get_content_type(), payload.decode(known, "replace")
            except (LookupError, UnicodeError, ValueError):
                continue
        if depth < DEPTH and re.match(rb"[!-9;-~]+:[ \t]", payload):
            yield from _parts(message_from_bytes(payload), depth + 1)


def _folded(text: str) -> str:
    """Return a text in small letters, without what has no width, wide letters made narrow."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold()


def _forms(text: str, seen: set[str]) -> Iterator[str]:
    """Yield a text, folded, in all the forms that it can be read in, but none that was seen in this message before."""
    forms = [text]
    for _ in range(DEPTH):
        forms = [form for form in dict.fromkeys(forms) if form not in seen]
        seen.update(forms)
        for form in forms:
            yield _folded(form)
        forms = [reading for form in forms for reading in _readings(form)]


def _readings(text: str) -> Iterator[str]:
    """Yield a text with one kind of encoding read."""
    if "\n" in text:
        yield _BROKEN.sub("", text)
    if "<" in text:
        yield _TAG.sub("", text)
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield _PERCENT.sub(_percent, text)
    if "=?" in text:
        yield _WORD.sub(_word, text)
    if _QP.search(text):
        yield quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    # a blank between them, so that no secret comes about by chance
    if decoded := " ".join(form for token in _BASE64.finditer(text) for form in _base64(token[0])):
        yield decoded


def _percent(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace")


def _word(match: re.Match[str]) -> str:
    raw = match[3].encode("utf-8", "replace")
    try:
        octets = base64.b64decode(raw + b"==") if match[2] in "bB" else quopri.decodestring(raw, header=True)
        return octets.decode(match[1].partition("*")[0], "replace")
    except (LookupError, ValueError):
        return match[0]


def _base64(token: str) -> Iterator[str]:
    """Yield what a token says as Base64, whichever sign of it a group begins with; noise is left out."""
    signs = re.sub(r"[^A-Za-z0-9+/]", "", token.replace("-", "+").replace("_", "/"))
    for offset in range(4):
        some = signs[offset:]
        some = some[: len(some) - (len(some) % 4 == 1)]
        octets = binascii.a2b_base64(some + "=" * (-len(some) % 4))
        yield " ".join(run.decode() for run in _READABLE.findall(octets))
        if b"\0" in octets:
            yield " ".join(run.decode() for run in _READABLE.findall(octets.replace(b"\0", b"")))
