"""Who wrote a message: the single address of its single From (RFC 5322 3.6.2, RFC 7489 6.6.1)."""

import re
from dataclasses import dataclass

from mailing.resolver import ascii_domain

MOST_HEAD_BYTES = 1_048_576
MOST_FROM_BYTES = 2_000
_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+):(.*)", re.DOTALL)
_LINE_END = re.compile(rb"\r?\n")
_PIECE = re.compile(r'\\.|["()]|[^\\"()]+|\\', re.DOTALL)
_ADDRESS = r"([^\s@<>()\[\]\\,;:\"]+)@([^\s@<>()\[\]\\,;:\"]+)"
_BARE = re.compile(rf"\s*{_ADDRESS}\s*")
_NAMED = re.compile(rf"[^<>,;:\\\"]*<\s*{_ADDRESS}\s*>\s*")


@dataclass(frozen=True, slots=True)
class Author:
    """An address; its domain in lower case and as DNS has it."""

    address: str
    domain: str


class NoAuthor(Exception):
    """It cannot be told who wrote a message; the text says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """The header fields in their order, names in lower case, values as they stand; and where the body begins."""

    fields: tuple[tuple[bytes, bytes], ...]
    body: int

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a field."""
        return [value for field, value in self.fields if field == name]


def read_head(raw: bytes) -> Head:
    """Read a head that every program reads alike; `NoAuthor` if programs would differ about it.

    What stands on a line of its own and is no field ends the head for some, a bare CR a line for others, and NUL a
    text: each would let a message have one author here and another in the eyes of who reads it.
    """
    end = re.search(rb"\r?\n\r?\n|\A\r?\n", raw[: MOST_HEAD_BYTES + 4])
    if end is None and len(raw) > MOST_HEAD_BYTES:
        raise NoAuthor("the head is longer than a mebibyte")
    head = raw[: end.start()] if end else raw
    if b"\0" in head or re.search(rb"\r(?!\n)", head):
        raise NoAuthor("a bare CR or NUL in the head")
    fields: list[tuple[bytes, list[bytes]]] = []
    for line in _LINE_END.split(head):
        if line[:1] in (b" ", b"\t"):
            if not fields or not line.strip():
                raise NoAuthor("a line of blanks in the head")
            fields[-1][1].append(line)
        elif field := _FIELD.fullmatch(line):
            fields.append((field[1].lower(), [field[2]]))
        elif line:
            raise NoAuthor("a line in the head that is no field")
    return Head(tuple((name, b"\r\n".join(value)) for name, value in fields), end.end() if end else len(raw))


def author_of(head: Head) -> Author:
    """Return who wrote a message, or raise `NoAuthor`.

    Encoded words are not decoded: what they hold is a name, never an address (RFC 2047 5).
    """
    values = head.values(b"from")
    if len(values) != 1:
        raise NoAuthor("no From" if not values else "more than one From")
    if len(values[0]) > MOST_FROM_BYTES:
        raise NoAuthor("the From is too long")
    # a name may be in an old charset; an address in one cannot be told
    plain = without_names(_LINE_END.sub(b"", values[0]).decode("utf-8", "replace"))
    found = _BARE.fullmatch(plain) or _NAMED.fullmatch(plain)
    if not found or "\ufffd" in found[1] + found[2]:
        raise NoAuthor("the From is not one address")
    domain = ascii_domain(found[2])
    if domain is None or "." not in domain:
        raise NoAuthor("the domain of the From cannot exist")
    return Author(f"{found[1]}@{domain}", domain)


def without_names(text: str) -> str:
    """Return a value without quoted texts and comments (RFC 5322 3.2.2, 3.2.4). Raises NoAuthor for unclosed ones."""
    plain = list[str]()
    depth, quoted = 0, False
    for piece in _PIECE.findall(text):
        if piece == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
        elif not depth:
            plain.append(piece)
        if depth < 0:
            break
    if depth or quoted:
        raise NoAuthor("the From is not one address")
    return "".join(plain)
