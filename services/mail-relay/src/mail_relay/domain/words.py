"""A person's own words in a message: what is judged of it (MAIL-10)."""

import html
from collections.abc import Iterator

from mail_relay.domain.rewriting.entities import Entity
from mail_relay.domain.rewriting.fields import decoded, text_of
from mail_relay.domain.rewriting.markup import Token, attributes, is_block, pieces_of
from mail_relay.domain.rewriting.quotes import others

# longer texts are pasted logs: what a person writes stands at the beginning or at the end
LONGEST = 200_000
# of half of it in any charset
MOST_OCTETS = 4 * LONGEST // 2
_PAGES = ("text/html", "application/xhtml+xml")


def own_words(root: Entity) -> str:
    """Return the subject and the texts of a message that was rewritten, with signatures and without quotes.

    All alternatives are returned, for which of them is read is the receiver's choice; files and forwarded messages are
    not.
    """
    return "\n".join([decoded(root.first("subject")), *_texts(root)])


def longest_words(entity: Entity) -> str:
    """Return the texts of a message as `own_words` does, but of alternatives the longest, and not the subject."""
    if entity.media_type == "multipart/alternative":
        return max(map(longest_words, entity.parts), key=len, default="")
    return "\n".join(map(longest_words, entity.parts) if entity.parts else _texts(entity))


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
    """Return a text; of a long one the beginning and the end, cut where a line ends."""
    octets, start, end = entity.octets()
    if end - start <= 2 * MOST_OCTETS:
        pieces = [octets[start:end]]
    else:
        first = octets.rfind(b"\n", start, start + MOST_OCTETS) + 1
        last = octets.find(b"\n", end - MOST_OCTETS, end) + 1
        pieces = [octets[start : first or start + MOST_OCTETS], octets[last or end - MOST_OCTETS : end]]
    return "\n".join(text_of(piece, entity.parameters.get("charset", "")) for piece in pieces)


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
