"""Reads mails, which may hold any bytes: what cannot be read is empty, and nothing raises."""

import base64
import binascii
import contextlib
import quopri
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
LINK = re.compile(r"""https?://[^\s<>"')\]]+""")
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Head:
    """The header fields that a list of mails shows."""

    sender: str
    to: str
    subject: str
    message_id: str
    date: str


@dataclass(frozen=True)
class Body:
    """The content of a mail: text, HTML, the links in both, and what is attached."""

    text: str
    html: str
    links: list[str]
    attachments: list[dict[str, Any]]


def head(raw: bytes) -> Head:
    """Read the header of a mail, every field on one line."""
    message = BytesHeaderParser().parsebytes(raw)
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), _one_line(value))
    return Head(*(found.get(name, "") for name in ("from", "to", "subject", "message-id", "date")))


def body(raw: bytes) -> Body:
    """Read the parts of a mail."""
    text, html, attachments = "", "", list[dict[str, Any]]()
    with contextlib.suppress(Exception):  # what could be read before the error is shown
        for part in message_from_bytes(raw).walk():
            if part.is_multipart():
                continue
            name, kind = part.get_filename(), part.get_content_type()
            if name or part.get_content_disposition() == "attachment":
                content = _bytes(part)
                attachments.append({"name": _one_line(name or ""), "type": kind, "size": len(content)})
            elif kind == "text/plain" and not text:
                text = _text(part)
            elif kind == "text/html" and not html:
                html = _text(part)
    links = dict.fromkeys(LINK.findall(text) + [link.replace("&amp;", "&") for link in LINK.findall(html)])
    return Body(text, html, list(links), attachments)


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    return _decode(_bytes(part), part.get_content_charset() or "utf-8")


def _decode(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset, "replace")
    except (LookupError, UnicodeError):
        return raw.decode("latin-1")


def _one_line(value: str) -> str:
    value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    value = WORD.sub(_word, BETWEEN_WORDS.sub(r"\1", value))
    return CONTROLS.sub(" ", value).strip()


def _word(found: re.Match[str]) -> str:
    charset, encoding, content = found.groups()
    raw = content.encode("utf-8", "replace")
    try:
        decoded = (
            base64.b64decode(raw + b"=" * (-len(raw) % 4))
            if encoding in "bB"
            else quopri.decodestring(raw, header=True)
        )
    except (binascii.Error, ValueError):
        return found.group()
    return _decode(decoded, charset.partition("*")[0])
