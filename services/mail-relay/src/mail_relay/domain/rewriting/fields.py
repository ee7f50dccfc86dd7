"""Header fields: read leniently, written strictly."""

import base64
import binascii
import codecs
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

from mailing.texts import one_line

LINE = 900
"""No line of ours is longer; RFC 5322 allows 998 octets."""
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=(?:[ \t]+(?==\?[^?\s]{1,60}\?[bBqQ]\?))?")
_HEX = re.compile(rb"=([0-9a-fA-F]{2})")
_ID = re.compile(r"<[^<>]{1,900}>")
_LOCAL, _HOST = r"[\w+=-]+(?:\.[\w+=-]+)*", r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
# as most stand there: the library takes ten times as long
_MAILBOX = re.compile(rf"(?:(?P<name>\w[\w -]*)?<(?P<address>{_LOCAL}@{_HOST})>|(?P<bare>{_LOCAL}@{_HOST}))", re.ASCII)
# codecs of Python that are no charsets of mail, and may run long or mean something else
_NO_CHARSETS = {
    "idna",
    "punycode",
    "unicode-escape",
    "raw-unicode-escape",
    "undefined",
    "mbcs",
    "oem",
    "unicode_escape",
}
_FALLBACK = "cp1252"


def charset_of(name: str) -> str | None:
    """Return the name by which Python knows a charset, None for one that it does not know."""
    try:
        found = codecs.lookup(name.strip().strip("\"'").lower() or "us-ascii").name
        b"a".decode(found)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found.replace("_", "-") in _NO_CHARSETS else found


def text_of(octets: bytes, charset: str = "") -> str:
    """Return the text that octets mean: by their charset, by UTF-8 if they are it, or else by Windows' charset."""
    for name in (charset_of(charset) if charset else None, "utf-8"):
        if name:
            try:
                return octets.decode(name)
            except UnicodeError:
                continue
    known = charset_of(charset) if charset else None
    return octets.decode(known or _FALLBACK, "replace")


def _word(match: re.Match[str]) -> str:
    charset, way, text = match[1].partition("*")[0], match[2].lower(), match[3]
    if way == "b":
        signs = re.sub(r"[^A-Za-z0-9+/]", "", text)
        signs = signs[: len(signs) - (len(signs) % 4 == 1)]
        octets = binascii.a2b_base64(signs + "=" * (-len(signs) % 4))
    else:
        raw = text.replace("_", " ").encode("utf-8", "replace")
        octets = _HEX.sub(lambda found: bytes([int(found[1], 16)]), raw)
    return text_of(octets, charset)


def decoded(value: str) -> str:
    """Return what a field says, encoded words read, on one line: no CR or LF ever comes out of it (PITFALLS 39)."""
    return one_line(_ENCODED.sub(_word, value) if "=?" in value else value, 20_000)


def _words(text: str, room: int) -> str:
    """Return a text as encoded words of at most 75 signs, one a line."""
    chunks, chunk = list[bytes](), b""
    for sign in text:
        octets = sign.encode("utf-8", "replace")
        if len(chunk) + len(octets) > room:
            chunks.append(chunk)
            chunk = b""
        chunk += octets
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(part).decode()}?=" for part in [*chunks, chunk])


def unstructured(text: str) -> str:
    """Return a text as the value of a field: as it is if that is safe, and as encoded words otherwise."""
    line = one_line(text, 20_000)
    safe = line.isascii() and line.isprintable() and "=?" not in line and len(line) <= LINE
    return line if safe else _words(line, 39)


def phrase(name: str) -> str:
    """Return a display name as it stands before an address, quoted or encoded where it has to be."""
    line = one_line(name, 200)
    if not line.isascii() or "=?" in line:
        return _words(line, 39)
    return (
        line
        if re.fullmatch(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*", line)
        else '"' + re.sub(r'(["\\])', r"\\\1", line) + '"'
    )


def mailbox(name: str, address: str) -> str:
    """Return a name and an address as From shows them."""
    return f"{phrase(name)} <{address}>" if name.strip() else address


def addresses(values: Sequence[str]) -> list[tuple[str, str]]:
    """Return the names and addresses of a field, as they are read before encoded words are."""
    plain = [_MAILBOX.fullmatch(value) for value in values]
    if all(plain):
        return [(" ".join((one["name"] or "").split()), one["address"] or one["bare"]) for one in plain if one]
    # the parser of the library calls itself for each bracket
    pairs = getaddresses(list(values)) if sum(value.count("(") for value in values) < 20 else []
    found = [(decoded(name), address.strip()) for name, address in pairs if "@" in address]
    if not found and any("@" in value for value in values):
        return [("", address) for value in values for address in re.findall(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+", value)]
    return found


def message_ids(value: str) -> list[str]:
    """Return the Message-IDs of a field; a line may have been folded within one."""
    return [re.sub(r"\s", "", found) for found in _ID.findall(value)]


def date_of(value: str, otherwise: datetime) -> datetime:
    """Return a date in UTC, for the zone shows where somebody is, or another where there is none that can be read."""
    try:
        read = parsedate_to_datetime(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return otherwise.astimezone(UTC)
