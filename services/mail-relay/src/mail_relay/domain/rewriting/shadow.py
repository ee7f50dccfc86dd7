"""A text as a reader or a machine understands it, each sign bound to where it stands in the source."""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]"
)
# a letter and the accents that are set over it are one
_FOREIGN = re.compile(r"[A-Za-z][\u0300-\u036f]+|[^\x00-\x7f][\u0300-\u036f]*")
# encoded twice is encoded still: %2540, &amp;#64;
_PERCENT = re.compile(r"%(?:25)*([0-9a-fA-F]{2})")
_ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,8};?|[a-zA-Z][a-zA-Z0-9]{1,30};)")


@dataclass(slots=True)
class Shadow:
    """The text in small letters, without disguise; sign `i` stands for the source from `starts[i]` to `ends[i]`."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return what of the source the signs from `start` to `end` (at least one) stand for."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def read(self, pattern: re.Pattern[str], meaning: Callable[[re.Match[str]], str]) -> None:
        """Put the meaning of each match of a pattern in its place."""
        matches = list(pattern.finditer(self.text))
        if not matches:
            return
        starts = self.starts if self.starts is not None else list(range(len(self.text)))
        ends = self.ends if self.ends is not None else list(range(1, len(self.text) + 1))
        text, new_starts, new_ends, past = list[str](), list[int](), list[int](), 0
        for match in matches:
            first, last = match.span()
            meant = meaning(match)
            text += self.text[past:first], meant
            new_starts += starts[past:first]
            new_ends += ends[past:first]
            new_starts += [starts[first]] * len(meant)
            new_ends += [ends[last - 1]] * len(meant)
            past = last
        text.append(self.text[past:])
        self.text, self.starts, self.ends = "".join(text), new_starts + starts[past:], new_ends + ends[past:]


def _plain(match: re.Match[str]) -> str:
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", match[0])).casefold()


def _entity(match: re.Match[str]) -> str:
    return html.unescape("&" + match[1])


def _percent(match: re.Match[str]) -> str:
    byte = int(match[1], 16)
    return chr(byte) if 32 <= byte < 127 else match[0]


def undisguise(shadow: Shadow, *, entities: bool = False) -> Shadow:
    """Read entities (of HTML), percent-encoding, invisible signs and wide letters in a shadow."""
    if entities and "&" in shadow.text:
        shadow.read(_ENTITY, _entity)
    if "%" in shadow.text:
        shadow.read(_PERCENT, _percent)
    if not shadow.text.isascii():
        shadow.read(_FOREIGN, _plain)
    small = shadow.text.lower()
    # a few capitals become two signs
    shadow.text = small if len(small) == len(shadow.text) else "".join(map(_small, shadow.text))
    return shadow


def _small(sign: str) -> str:
    small = sign.lower()
    return small if len(small) == 1 else sign


def shadow_of(source: str, *, entities: bool = False) -> Shadow:
    """Return the shadow of a text, or of an attribute's value with its entities."""
    return undisguise(Shadow(source), entities=entities)


def undisguised(text: str, *, entities: bool = False) -> str:
    """Return the text of a shadow alone, which is quicker."""
    if entities and "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "%" in text:
        text = _PERCENT.sub(_percent, text)
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold().lower()
