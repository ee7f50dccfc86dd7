"""HTML: quotes, signatures, attributes and what nobody sees lose what is hidden; the author's own sentences stay."""

import html
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace

from mail_relay.domain.rewriting.hiding import Finding, Hiding, replaced
from mail_relay.domain.rewriting.markup import Piece, Token, attributes, is_block, pieces_of
from mail_relay.domain.rewriting.plain import without_armour
from mail_relay.domain.rewriting.quotes import others
from mail_relay.domain.rewriting.remote import opaque, without_remote
from mail_relay.domain.rewriting.shadow import Shadow, shadow_of, undisguise, undisguised
from mail_relay.domain.rewriting.way import Change, Kind

_OWN_LINKS = {"href"}
_CID = re.compile(r"cid:([^\"'\s<>)]+)", re.IGNORECASE)
_MAY_ENCODE = re.compile(r"[&%]|[^\x00-\x7f]|[A-Za-z0-9+/_-]{16}")


def _is_bare(piece: Piece) -> bool:
    return piece.end - piece.start <= len(piece.name) + 3 and piece.name.isalnum()


class Page:
    """A page on its way: what is edited in it, and why."""

    def __init__(self, source: str, hiding: Hiding, place: str, cids: Mapping[str, str], *, quoted: bool) -> None:
        self._source = source
        self._hiding = hiding
        self._place = place
        self._cids = cids
        self._quoted = quoted
        self._edits = list[Finding]()
        self._marked = list[int]()
        self._changes = list[Change]()
        self._pieces = pieces_of(source)

    def rewritten(self) -> tuple[str, list[Change]]:
        """Return the page as the receiver gets it, and what was changed."""
        self._text()
        self._marked = sorted(edit.start for edit in self._edits)
        for piece in self._pieces:
            if piece.token is Token.OPAQUE:
                self._opaque(piece)
            elif piece.token is not Token.TEXT and not _is_bare(piece):
                self._tag(piece)
        return replaced(self._source, self._edits), self._changes

    def _text(self) -> None:
        joined = "".join(self._source[piece.start : piece.end] for piece in self._pieces if piece.token is Token.TEXT)
        plain = undisguised(joined, entities=True)
        if not self._hiding.present(plain) and not any(self._hiding.encoded(joined)):
            return
        flat, starts, ends, quoted = self._flat()
        findings = list(self._hiding.findings(undisguise(Shadow(flat, starts, ends), entities=True)))
        encoded = [
            replace(found, start=starts[found.start], end=ends[found.end - 1]) for found in self._hiding.encoded(flat)
        ]
        if not findings and not encoded:
            return
        lines, begins = list[str](), [0]
        for line in flat.split("\n"):
            begins.append(begins[-1] + len(line) + 1)
            # what the tags say is quoted looks quoted to the reader of lines
            mark = "> " if any(quoted[begins[-2] : begins[-1] - 1]) else ""
            lines.append(mark + html.unescape(line).strip("\n"))
        other = [True] * len(lines) if self._quoted else others(lines)
        for found in [*findings, *encoded]:
            # the sign of the flat text that stands for the beginning
            sign = bisect_right(starts, found.start) - 1
            number = bisect_right(begins, sign) - 1
            if quoted[sign] or other[number]:
                self._replace(found)
            else:
                self._changes.append(Change(Kind.OWN, found.what, self._place))

    def _flat(self) -> tuple[str, list[int], list[int], list[bool]]:
        """Return the text without its tags, where each sign of it stands, and whether it stands in a quote."""
        flat, starts, ends, quoted = list[str](), list[int](), list[int](), list[bool]()
        drawn = 0
        for piece in self._pieces:
            if piece.name == "pre":
                drawn += 1 if piece.token is Token.OPEN else -1
            if piece.token is Token.TEXT:
                text = self._source[piece.start : piece.end].replace("\r", " ")
                text = text if drawn > 0 else text.replace("\n", " ")
                begin, step = piece.start, 1
            elif piece.token is not Token.OPAQUE and is_block(piece.name):
                text, begin, step = "\n", piece.start, 0
            else:
                continue
            flat.append(text)
            starts += range(begin, begin + len(text)) if step else [begin]
            ends += range(begin + 1, begin + 1 + len(text)) if step else [begin]
            quoted += [piece.other] * len(text) if step else [False]
        return "".join(flat), starts, ends, quoted

    def _replace(self, found: Finding) -> None:
        """Replace what is found in the texts that it spreads over; the tags between them stay."""
        self._changes.append(Change(Kind.REPLACED, found.what, self._place))
        instead = replace(found, instead=html.escape(found.instead))
        first = bisect_right(self._pieces, found.start, key=lambda piece: piece.start) - 1
        for piece in self._pieces[first:]:
            if piece.start >= found.end:
                break
            if piece.token is Token.TEXT:
                self._edits.append(replace(instead, start=max(found.start, piece.start), end=min(found.end, piece.end)))
                instead = replace(instead, mark="")

    def _tag(self, piece: Piece) -> None:
        tag = self._source[piece.start : piece.end]
        remote = without_remote(tag, piece.name, hidden=piece.hidden)
        if remote != []:
            self._changes.append(Change(Kind.REMOTE, piece.name, self._place))
        if isinstance(remote, str):
            self._edits.append(Finding(piece.start, piece.end, piece.name, remote, "{}"))
            return
        self._edits += [Finding(piece.start + start, piece.start + end, "", new, "{}") for start, end, new in remote]
        taken = {start for start, _, _ in remote}
        values = [(start, end) for _, start, end in attributes(tag)]
        for found in self._hiding.findings(shadow_of(tag, entities=True)):
            if not any(start <= found.start and found.end <= end for start, end in values):
                # in the name of a tag or of an attribute, where nothing else could stand
                self._changes.append(Change(Kind.REPLACED, found.what, self._place))
                self._edits.append(replace(found, start=piece.start, end=piece.end, instead="", mark=""))
                return
        if not values or not (_MAY_ENCODE.search(tag) or ":" in tag or self._hiding.present(tag.lower())):
            return
        for name, start, end in attributes(tag):
            if start in taken:
                continue
            value = tag[start:end]
            begin = piece.start + start
            if self._cids and "cid:" in value.lower():
                self._edits += self._renamed(value, begin)
            if value[:4].lower() == "mid:":
                self._edits.append(Finding(begin, begin + len(value), value, "", "{}"))
                continue
            for found in [*self._hiding.findings(shadow_of(value, entities=True)), *self._hiding.encoded(value)]:
                own = name in _OWN_LINKS and not piece.other and not self._quoted and not self._theirs(piece)
                self._changes.append(Change(Kind.OWN if own else Kind.REPLACED, found.what, self._place))
                if not own:
                    self._edits.append(
                        replace(found, start=begin + found.start, end=begin + found.end, mark="{}",
                                instead=html.escape(found.instead))
                    )  # fmt: skip

    def _theirs(self, piece: Piece) -> bool:
        """Whether the text of a link is replaced, and so its address is too."""
        close = piece.end + self._source[piece.end : piece.end + 2000].lower().find("</a")
        marked = bisect_right(self._marked, piece.end - 1)
        return marked < len(self._marked) and self._marked[marked] < close

    def _renamed(self, value: str, begin: int) -> list[Finding]:
        return [
            Finding(begin + match.start(1), begin + match.end(1), match[1], new, "{}")
            for match in _CID.finditer(value)
            if (new := self._cids.get(shadow_of(match[1], entities=True).text))
        ]

    def _opaque(self, piece: Piece) -> None:
        """Empty what people do not read where something hidden is in it; what a program would run goes anyhow."""
        text = self._source[piece.start : piece.end]
        found = next(self._hiding.findings(shadow_of(text, entities=True)), None) or next(
            self._hiding.encoded(text), None
        )
        if found is None and piece.name != "script":
            if (local := opaque(text, piece.name)) != text:
                self._changes.append(Change(Kind.REMOTE, piece.name or "comment", self._place))
                self._edits.append(Finding(piece.start, piece.end, piece.name, local, "{}"))
            return
        self._edits.append(Finding(piece.start, piece.end, found.what if found else "script", "", "{}"))
        if found:
            self._changes.append(Change(Kind.REPLACED, found.what, self._place))


def page(source: str, hiding: Hiding, place: str, cids: Mapping[str, str], *, quoted: bool) -> tuple[str, list[Change]]:
    """Return a page with what is hidden replaced where it is not the author's own sentence, and the renamed images.

    Raises:
        Refused: The page holds an encrypted text.
    """
    source, taken = without_armour(source, place)
    text, changes = Page(source, hiding, place, cids, quoted=quoted).rewritten()
    return text, [*taken, *changes]
