"""HTML as a row of tags, comments and texts, each bound to where it stands; read in linear time, whatever it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,60})((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>][^\s>]*))?")
_RAW = {"script", "style", "title", "textarea", "xmp", "noembed", "noframes"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "o:p", "q", "s",
    "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr", "img", "label",
    "st1:personname", "nobr",
}  # fmt: skip
_QUOTE = re.compile(
    r"gmail_quote|gmail_attr|gmail_extra|yahoo_quoted|moz-cite-prefix|moz-forward-container|moz-email-headers|protonmail_quote|"
    r"zmail_extra|outlookmessageheader|isreplycontent|tutanota_quote|hmmessage_quote|wordsection1_quote|"
    r"ms-outlook-mobile-reference-message|mail-editor-reference-message|applemailquote|freebirdquote|skylinequote|^quote$|cite"
)
_REST = re.compile(
    r"divrplyfwdmsg|appendonsend|stopspelling|olk_src_body_section|replyforward|x_divrplyfwdmsg|gmx_quote_start"
)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|moz-txt-sig|applemailsignature|mobile-signature|^x?_?signature|protonmail_signature"
)
# the line that Outlook draws above what it quotes
_RULE = re.compile(r"border-top:\s*solid\s*#(?:e1e1e1|b5c4df)", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all|opacity\s*:\s*0(?![.\d]*[1-9])|"
    r"max-height\s*:\s*0(?![.\d])|(?<![-\w])(?:width|height)\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)


class Token(Enum):
    """What a piece of HTML is."""

    TEXT = auto()
    OPEN = auto()
    CLOSE = auto()
    OPAQUE = auto()
    """Comments, declarations, and what stands in style, script and title."""


@dataclass(slots=True)
class Piece:
    """A piece of HTML from `start` to `end`; `other` where it stands in a quote, a signature or out of sight."""

    token: Token
    start: int
    end: int
    name: str = ""
    other: bool = False
    hidden: bool = False


@dataclass(slots=True)
class _State:
    """Which elements are open, and whose contents are not the author's own."""

    open: list[tuple[str, bool, bool]] = field(default_factory=list[tuple[str, bool, bool]])
    other: int = 0
    hidden: int = 0
    rest: bool = False

    def close(self, name: str) -> None:
        for at in range(len(self.open) - 1, max(-1, len(self.open) - 200), -1):
            if self.open[at][0] == name:
                for _, other, hidden in self.open[at:]:
                    self.other -= other
                    self.hidden -= hidden
                del self.open[at:]
                return


def attributes(tag: str) -> Iterator[tuple[str, int, int]]:
    """Yield each attribute of a tag that has a value: its name, and where the value begins and ends, without quotes."""
    for match in _ATTRIBUTE.finditer(tag, 1):
        if match[2] is not None:
            quoted = match[2][0] in "\"'"
            yield match[1].lower(), match.start(2) + quoted, match.end(2) - quoted


def is_block(name: str) -> bool:
    """Whether a tag of this name ends a line of text."""
    return name not in _INLINE


def pieces_of(source: str) -> list[Piece]:
    """Return the pieces of a page in order; they make up the whole of it."""
    state, pieces, at = _State(), list[Piece](), 0
    while at < len(source):
        left = source.find("<", at)
        if left != at:
            end = len(source) if left < 0 else left
            pieces.append(Piece(Token.TEXT, at, end, "", state.rest or state.other > 0, state.hidden > 0))
            at = end
            continue
        piece = _piece(source, at)
        at = piece.end
        if piece.token is Token.TEXT and pieces and pieces[-1].token is Token.TEXT:
            pieces[-1].end = at
            continue
        pieces.append(piece)
        if piece.token is Token.OPEN:
            _enter(source, piece, state)
            if piece.name in _RAW:
                close = re.compile(rf"</{piece.name}[\s/>]", re.IGNORECASE).search(source, at)
                end = close.start() if close else len(source)
                if end > at:
                    pieces.append(Piece(Token.OPAQUE, at, end, piece.name, other=True))
                at = end
        elif piece.token is Token.CLOSE:
            state.close(piece.name)
        piece.other |= state.rest or state.other > 0
        piece.hidden |= state.hidden > 0
    return pieces


def _piece(source: str, at: int) -> Piece:
    """Return the piece that begins with the sign < at a place."""
    if source.startswith("<!--", at):
        end = source.find("-->", at + 4)
        # what browsers take for a comment of nothing
        if source.startswith(("<!-->", "<!--->"), at):
            end = source.index(">", at) - 2
        return Piece(Token.OPAQUE, at, len(source) if end < 0 else end + 3)
    if (match := _TAG.match(source, at)) is not None:
        return Piece(Token.CLOSE if match[1] else Token.OPEN, at, match.end(), match[2].lower())
    following = source[at + 1 : at + 3]
    if (following[:1] in "!?" and following) or (following[:1] == "/" and len(following) > 1):
        end = source.find(">", at)
        return Piece(Token.OPAQUE, at, len(source) if end < 0 else end + 1)
    if following[:1].isalpha():
        # a tag without its end is the end of the page, and shows nothing
        return Piece(Token.OPAQUE, at, len(source))
    return Piece(Token.TEXT, at, at + 1)


def _enter(source: str, piece: Piece, state: _State) -> None:
    tag = source[piece.start : piece.end]
    other, hidden = piece.name == "blockquote", False
    if len(tag) > len(piece.name) + 2:
        for name, start, end in attributes(tag):
            value = tag[start:end]
            if name in ("class", "id", "name"):
                lowered = value.lower()
                words = lowered.split() if name == "class" else [lowered.strip()]
                other |= any(_QUOTE.search(word) or _SIGNATURE.search(word) for word in words)
                state.rest |= any(_REST.search(word) for word in words)
            elif name == "style":
                hidden |= _HIDDEN.search(value) is not None
                state.rest |= piece.name == "div" and _RULE.search(value) is not None
        hidden |= re.search(r"\shidden(?:[\s=/>])", tag, re.IGNORECASE) is not None
    if piece.name not in _VOID and not tag.endswith("/>"):
        state.open.append((piece.name, other or hidden, hidden))
        state.other += other or hidden
        state.hidden += hidden
    piece.other, piece.hidden = other or hidden, hidden
