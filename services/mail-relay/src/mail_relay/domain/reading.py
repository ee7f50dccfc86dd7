"""What a message says: its subject, its text and the names of its files, whatever program has written it."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mail_relay.domain.rewriting import Refused
from mail_relay.domain.rewriting.entities import Entity, Reading, normalised
from mail_relay.domain.rewriting.fields import decoded, text_of
from mail_relay.domain.rewriting.markup import Token, is_block, pieces_of

LONGEST_TEXT = 100_000
# No sign that a page or a paper cannot show, and none that turns the direction of what stands around it.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message: its name, its media type as it was declared, and its size in octets, decoded."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message says; `cut` where its text is longer than is shown, `unread` where it cannot be taken apart."""

    subject: str
    text: str
    attachments: tuple[Attachment, ...]
    cut: bool = False
    unread: bool = False


def read(raw: bytes) -> Shown:
    """Return what a message says: of a text and a page that say the same, the text; forwarded messages are files."""
    source = normalised(raw)
    try:
        entity = Reading().entity(source, 0, len(source))
    except Refused:
        return Shown("", _shown(text_of(source[:LONGEST_TEXT])), (), cut=len(source) > LONGEST_TEXT, unread=True)
    texts, files = list[str](), list[Attachment]()
    for part in _leaves(entity):
        if _is_file(part):
            files.append(_attachment(part, len(part.decoded())))
        else:
            text = text_of(part.decoded(), part.parameters.get("charset", ""))
            texts.append(_page(text) if part.media_type == "text/html" else text)
    shown = Shown(_shown(decoded(entity.first("subject"))), _shown("\n\n".join(texts)).strip(), tuple(files))
    return replace(shown, text=shown.text[:LONGEST_TEXT], cut=True) if len(shown.text) > LONGEST_TEXT else shown


def files(raw: bytes) -> Iterator[tuple[Attachment, bytes]]:
    """Yield the files of a message as `read` names them, each with its content; none where it cannot be taken apart."""
    source = normalised(raw)
    try:
        entity = Reading().entity(source, 0, len(source))
    except Refused:
        return
    for part in _leaves(entity):
        if _is_file(part):
            content = part.decoded()
            yield _attachment(part, len(content)), content


def _is_file(part: Entity) -> bool:
    return part.media_type not in ("text/plain", "text/html") or part.attached or bool(part.file_name)


def _attachment(part: Entity, size: int) -> Attachment:
    return Attachment(_shown(decoded(part.file_name))[:200], part.media_type, size)


def _leaves(entity: Entity) -> Iterator[Entity]:
    if entity.media_type == "multipart/alternative":
        plain = [part for part in entity.parts if part.media_type == "text/plain" and part.decoded().strip()]
        rest = [part for part in entity.parts if part.media_type not in ("text/plain", "text/html")]
        pages = [part for part in entity.parts if part.media_type == "text/html"]
        for part in [*(plain or pages)[:1], *rest]:
            # a page with its pictures says what the text says already
            yield from (
                one
                for one in _leaves(part)
                if not (plain and part in rest and one.media_type == "text/html" and not one.file_name)
            )
        return
    if not entity.parts:
        yield entity
    for part in entity.parts:
        yield from _leaves(part)


def _page(source: str) -> str:
    """Return what a page says without its tags; what nobody sees in a mail program is left out."""
    found = list[str]()
    for piece in pieces_of(source):
        if piece.token is Token.TEXT and not piece.hidden:
            found.append(re.sub(r"\s+", " ", html.unescape(source[piece.start : piece.end])))
        elif piece.token in (Token.OPEN, Token.CLOSE) and is_block(piece.name):
            found.append("\n")
    return BLANK_LINES.sub("\n\n", "".join(found))


def _shown(text: str) -> str:
    return UNSHOWN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
