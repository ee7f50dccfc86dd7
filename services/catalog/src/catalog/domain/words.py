"""Words that people look for: written with umlauts or without, begun, or mistyped."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe"})
WORD: Final = re.compile(r"[^\W_]+")
SHORTEST: Final = 3
LONGEST: Final = 40
# from so many letters on, so many may be wrong
FORGIVEN: Final = ((4, 1), (6, 2))
MOST_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: as it was typed, without umlauts, and as a query of words and beginnings (`tsquery`)."""

    typed: str
    folded: str
    query: str

    @classmethod
    def read(cls, typed: str) -> "Asked":
        """Return what somebody has typed as what is looked for."""
        return cls(typed, folded(typed), " & ".join(begun(word) for word in words(typed)))


def folded(text: str) -> str:
    """Return a text in small letters with `ae` for `ä` and without any other mark."""
    return _bare(text.lower().translate(UMLAUTS))


def spellings(text: str) -> str:
    """Return a text with each of its other spellings, `buero` and `buro` for `Büro`, for whoever looks for those."""
    return "\n".join(dict.fromkeys((text, folded(text), _bare(text.lower()))))


def words(text: str) -> list[str]:
    """Return the words of a text, folded, each once, not more than anybody means."""
    return list(dict.fromkeys(WORD.findall(folded(text))))[:MOST_WORDS]


def vocabulary(texts: Iterable[str]) -> dict[str, str]:
    """Return the words by which a text can be found although they are mistyped, and how each is written."""
    found: dict[str, str] = {}
    for text in texts:
        for written in WORD.findall(text):
            if SHORTEST <= len(written) <= LONGEST and not written.isdecimal():
                for word in (folded(written), _bare(written.lower())):
                    found.setdefault(word, written)
    return found


def begun(word: str) -> str:
    """Return the query for what begins with a word; a very short one must be all of it."""
    return f"{word}:*" if len(word) >= SHORTEST else word


def forgiven(word: str) -> int:
    """Return how many letters of a word may be wrong; none in what is short or holds a digit."""
    if any(letter.isdigit() for letter in word):
        return 0
    return max((wrong for least, wrong in FORGIVEN if len(word) >= least), default=0)


def shortened(word: str, letters: int = 1) -> set[str]:
    """Return a word and all that so many letters less make of it."""
    found = last = {word}
    for _ in range(letters):
        last = {one[:place] + one[place + 1 :] for one in last for place in range(len(one))}
        found = found | last
    return found


def nearest(word: str, known: Sequence[str]) -> list[str]:
    """Return the known words that may be meant, the nearest first, and among equals in their order."""
    measured = [(distance(word, other), place, other) for place, other in enumerate(known)]
    return [other for wrong, _, other in sorted(measured) if wrong <= forgiven(word)]


def meant(typed: str, chosen: Mapping[str, str]) -> str:
    """Return what was typed with the words that are meant in place of others, by their folded form."""
    return WORD.sub(lambda found: chosen.get(folded(found[0]), found[0]), typed)


def distance(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, too many or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        following = [i]
        for j, known in enumerate(other, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (letter != known))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == known:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        before, row = row, following
    return row[-1]


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
