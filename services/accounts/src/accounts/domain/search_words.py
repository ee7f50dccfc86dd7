"""The words by which a company or a person on an order is found, however they are typed."""

import re
import unicodedata
from typing import Final

SHORTEST: Final = 3
MOST: Final = 12
WORD: Final = re.compile(r"[^\W_]+")
LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
# ä, ae and a are one: people type what their keyboard has
VOWELS: Final = re.compile(r"(?<=[aou])e")
# so many companies have these that they find nobody, and would show in a stolen index which word they are
LEFT_OUT: Final = frozenset(
    {
        *("gmbh", "ggmbh", "mbh", "kgaa", "ohg", "gbr", "inc", "ltd", "llc", "llp"),
        *("plc", "limited", "sarl", "sas", "srl", "spa", "aps", "oyj", "haftungsbeschrankt", "und", "and"),
    }
)


def search_words(text: str) -> frozenset[str]:
    """Return the words of three letters and more, 12 at most, without legal forms; shorter ones where all are short."""
    spelled = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(letter for letter in spelled if not unicodedata.combining(letter)).translate(LETTERS)
    words = [word for word in dict.fromkeys(WORD.findall(VOWELS.sub("", letters))) if word not in LEFT_OUT]
    return frozenset(([word for word in words if len(word) >= SHORTEST] or words)[:MOST])
