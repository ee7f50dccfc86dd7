"""A text as a reader takes it: without invisible signs, look-alikes as the Latin letters that they pass for."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

# Letters of other alphabets that pass for a Latin one in lower case (the part of UTS 39 that mail programs show alike)
_LOOK_ALIKES = dict(
    zip("аеорсухіјѕһԁԛԝкмтнвгпьαορνικτυχεηωıɡ×ⲟօսոһѵ", "aeopcyxijshdqwkmthbrnbaopviktuxenwigxoounhv", strict=True)
)
# signs that stand for a full stop, and dashes
_SIGNS = {
    **dict.fromkeys("。·•∙⋅●‧・︒", "."),
    **dict.fromkeys("‐‑‒–—―−⁃", "-"),
    **dict.fromkeys("’‘`´ʼ", "'"),
    **dict.fromkeys("\u2028\u2029\r", "\n"),
}
# letters in dark circles and squares, and those that flags are spelt with, have no decomposition
_ENCLOSED = (0x1F150, 0x1F170, 0x1F1E6)
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_SELECTORS = re.compile("[\ufe00-\ufe0f\u20d0-\u20f0\U000e0100-\U000e01ef\u034f\u115f\u1160\u3164\uffa0]")


@dataclass(slots=True)
class Folded:
    """A text in a plain spelling, and where in the original each of its signs comes from.

    `words` has each different word once, and `digits` is how many digits there are: what has no blank in it, and what
    is made of digits, is looked for there first, which is quicker.
    """

    text: str
    places: Sequence[int]
    original: str
    words: str = field(init=False)
    digits: int = field(init=False)

    def __post_init__(self) -> None:
        self.words = " ".join(set(self.text.split()))
        self.digits = len(self.text.encode("ascii", "ignore").translate(None, _NO_DIGITS))

    def has_any(self, pieces: Collection[str]) -> bool:
        """Return whether one of some pieces without blanks is in the text."""
        words = self.words
        for piece in pieces:  # noqa: SIM110 -- a generator would take twice as long, for each of a hundred patterns
            if piece in words:
                return True
        return False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that `text[start:end]` stands for."""
        return self.places[start], self.places[end - 1] + 1

    def spelt(self, start: int, end: int) -> str:
        """Return how the original writes `text[start:end]`."""
        first, last = self.span(start, end)
        return self.original[first:last]

    def kept(self, positions: Iterable[int]) -> "Folded":
        """Return the text made of these of its signs only."""
        chosen = list(positions)
        return Folded("".join(self.text[at] for at in chosen), tuple(self.places[at] for at in chosen), self.original)


def _plain(sign: str) -> str:
    """Return what one sign is read as: nothing for one without width, one or more signs in lower case otherwise."""
    if sign.isascii():
        return sign.lower()
    if sign in _SIGNS:
        return _SIGNS[sign]
    if unicodedata.category(sign) in ("Cf", "Me", "Cc", "Co") or _SELECTORS.match(sign):
        return ""
    for first in _ENCLOSED:
        if first <= ord(sign) < first + 26:
            return chr(ord("a") + ord(sign) - first)
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", sign).lower()
    return "".join(_SIGNS.get(part) or _LOOK_ALIKES.get(part, part) for part in folded)


def fold(text: str) -> Folded:
    """Return a text in its plain spelling."""
    if text.isascii():
        return _narrowed(Folded(text.lower(), range(len(text)), text))
    signs: list[str] = []
    places: list[int] = []
    for at, sign in enumerate(text):
        if signs and unicodedata.category(sign) == "Mn":
            # an umlaut may be spelt by two signs; marks that make no letter are ornaments
            joined = unicodedata.normalize("NFC", signs[-1] + sign)
            signs[-1] = joined if len(joined) == 1 else signs[-1]
            continue
        for part in _plain(sign):
            signs.append(part)
            places.append(at)
    return _narrowed(Folded("".join(signs), tuple(places), text))


# nobody needs more of one sign in a row to be understood, and patterns are not to try each of a thousand blanks
# Each begins with a set of signs, by which the library finds where to look.
_SIGNS_RUN, _BLANKS_RUN = re.compile(r"([^\w\s])\1{3,}"), re.compile(r"(\s)\s{3,}")


def _narrowed(folded: Folded) -> Folded:
    """Return a text with at most four blanks, or of the same sign, in a row."""
    runs = [_SIGNS_RUN, _BLANKS_RUN] if _SIGNS_RUN.search(folded.words) else [_BLANKS_RUN]
    matches = (match for run in runs for match in run.finditer(folded.text))
    dropped = {at for match in matches for at in range(match.start() + 4, match.end())}
    return folded.kept(at for at in range(len(folded.text)) if at not in dropped) if dropped else folded


# five or more single signs, each with the same short gap to the next: "m a x @ g m x . d e", "w-h-a-t-s-a-p-p"
_SPACED = re.compile(r"(?<![^\W_])[^\W_](?:(?P<gap>[ \t\xa0]{1,3}|[-_*|/~.])[^\s_](?:(?P=gap)[^\s_]){3,})(?![^\W_])")

# what each of these holds, and few other texts do: it is found in a tenth of the time
_GAP = r"[ \t\xa0_*|/~.-]"
_SPACED_SEEN = re.compile(rf"{_GAP}[^\s_]{_GAP}{{1,3}}[^\s_]{_GAP}{{1,3}}[^\s_]{_GAP}")


def closed(folded: Folded) -> Folded:
    """Return a text whose spelt-out words (single signs, the same gap between them) are closed up."""
    if not _SPACED_SEEN.search(folded.text):
        return folded
    dropped: set[int] = set()
    for match in _SPACED.finditer(folded.text):
        step = 1 + len(match["gap"])
        dropped.update(at for at in range(match.start(), match.end()) if (at - match.start()) % step)
    return folded.kept(at for at in range(len(folded.text)) if at not in dropped) if dropped else folded
