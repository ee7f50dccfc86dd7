"""A person's own words in a message: what is judged of it (MAIL-10)."""

import html
from collections.abc import Iterator

from mail_relay.domain.rewriting.entities import Entity, Reading
from mail_relay.domain.rewriting.fields import decoded, text_of
from mail_relay.domain.rewriting.markup import Token, attributes, is_block, pieces_of
from mail_relay.domain.rewriting.quotes import others

# longer texts are pasted logs: what a person writes stands at the beginning or at the end
LONGEST = 200_000
_PAGES = ("text/html", "application/xhtml+xml")


def own_words(raw: bytes) -> str:
    """Return the subject and the texts of a message that was rewritten, with signatures and without quotes.

    All alternatives are returned, for which of them is read is the receiver's choice; files and forwarded messages are
    not.
    """
    root = Reading().entity(raw, 0, len(raw))
    return "\n".join([decoded(root.first("subject")), *_texts(root)])


def longest_words(raw: bytes) -> str:
    """Return the texts of a message as `own_words` does, but of alternatives the longest, and not the subject."""
    return _longest(Reading().entity(raw, 0, len(raw)))


def _longest(entity: Entity) -> str:
    if entity.media_type == "multipart/alternative":
        return max(map(_longest, entity.parts), key=len, default="")
    return "\n".join(map(_longest, entity.parts) if entity.parts else _texts(entity))


def _texts(entity: Entity) -> Iterator[str]:
    for part in entity.parts:
        yield from _texts(part)
    if entity.parts or entity.attached or entity.file_name:
        return
    if entity.media_type in _PAGES:
        yield _of_page(_short(_text(entity)))
    elif entity.media_type.startswith("text/"):
        yield _unquoted(_short(_text(entity)))


def _text(entity: Entity) -> str:
    return text_of(entity.decoded(), entity.parameters.get("charset", ""))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"


def _unquoted(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    quoted = others(lines, signatures=False)
    return "\n".join(line for line, other in zip(lines, quoted, strict=True) if not other)


def _of_page(source: str) -> str:
    """Return what a page says, and where its links lead."""
    found = list[str]()
    for piece in pieces_of(source):
        if piece.token is Token.TEXT and not piece.other:
            found.append(html.unescape(source[piece.start : piece.end]).replace("\n", " "))
        elif piece.token is Token.OPEN and piece.name == "a" and not piece.other:
            tag = source[piece.start : piece.end]
            found += (f" {html.unescape(tag[start:end])} " for name, start, end in attributes(tag) if name == "href")
        if piece.token is not Token.TEXT and is_block(piece.name):
            found.append("\n")
    return _unquoted("".join(found))
