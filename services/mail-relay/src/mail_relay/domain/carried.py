"""Files that a message carries which somebody writes on a page: how much fits, and as what they are sent."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from mail_relay.domain.attached import objections_to
from mail_relay.domain.policy.attachment import Bounds
from mail_relay.domain.rewriting.entities import PARTS
from mail_relay.domain.thread import safe_name

# the message itself and its text are parts as well
MOST_FILES = PARTS - 2
# the longest text, as it is written in mail, and the header fields
BESIDE = 130_000
# Base64 in lines, as mail has it: so many octets of a file become so many of a message
OCTETS, LINE = 57, 78
LONGEST_NAME = 255
ANY = "application/octet-stream"
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
# these are made of parts, and what a page sends is one
_NESTED = ("multipart/", "message/")


@dataclass(frozen=True, slots=True)
class Largest:
    """The octets of the largest message that is taken, by mail or on a page."""

    octets: int

    @property
    def files(self) -> int:
        """How many octets its files may have together where the text is the longest."""
        return max(0, self.octets - BESIDE) // LINE * OCTETS


@dataclass(frozen=True, slots=True)
class Carried:
    """A file as it is sent: its name without signs that end a line, its type as it was declared."""

    name: str
    media_type: str
    content: bytes

    @classmethod
    def read(cls, name: str, media_type: str, content: bytes) -> "Carried":
        """Return a file as a mail program would send it: what deceives in its name stays, and is judged."""
        plain = "".join("_" if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in name)
        kind = media_type.lower()
        named = _TYPE.fullmatch(kind) is not None and not kind.startswith(_NESTED)
        return cls(plain[-LONGEST_NAME:], kind if named else ANY, content)


def refused(files: Iterable[Carried], bounds: Bounds) -> list[str]:
    """Return the names of files that are of a kind which is not passed on, fit to be shown."""
    return [
        safe_name(one.name)
        for one in files
        if any(not found.held for found in objections_to([(one.name, one.content)], bounds))
    ]
