"""What spreadsheets make of entries that they take for numbers, dates or formulas."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from chassis.lists.table import ERROR

# 4.50936E+15: the digits behind these are lost
SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+E[+-]?|E[+-])[0-9]{1,3}", re.IGNORECASE)
TRUTHS: Final = frozenset(
    {
        "true",
        "false",
        "wahr",
        "falsch",
        "vrai",
        "faux",
        "sant",
        "falskt",
        "verdadero",
        "falso",
        "vero",
        "waar",
        "onwaar",
    }
)
# a spreadsheet keeps this many digits of a number and writes zeros for the others
DIGITS_KEPT = 15
FEW = 3
# in English, German, French, Swedish, Spanish and Italian; an entry has no accents
MONTHS: Final = (
    "jan(?:uary|uar|uari|v)?|feb(?:ruary|ruar|ruari|r)?|mar(?:ch|s|z|zo)?|mrz|apr(?:il)?|avr(?:il)?|may|mai|maj|june?|juni|"
    "juin|jul[iy]?|juil|aug(?:ust|usti)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?|ene|abr|ago|dic|gen"
)
DATE: Final = re.compile(
    rf"(?:[0-9]{{1,4}}[-./ ]{{1,2}})?(?:{MONTHS})[-./ ]{{1,2}}[0-9]{{1,4}}|[0-9]{{1,4}}[-./ ]{{1,2}}(?:{MONTHS})\.?",
    re.IGNORECASE,
)
DAY: Final = re.compile(
    r"(?:(?:0?[1-9]|[12][0-9]|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:[0-9]{2}|[12][0-9]{3})"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])/(?:[0-9]{2}|[12][0-9]{3})"
    r"|[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
    r"|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
)
NUMBER: Final = re.compile(r"[0-9]+[.,][0-9]{1,2}|[0-9]{1,3}(?:[.'][0-9]{3})+")


def ruined(text: str) -> str | None:
    """Return why an entry can be no entry any more: it has lost digits, is an error, or the word for yes or no."""
    if SCIENTIFIC.fullmatch(text):
        return "scientific-notation"
    return "spreadsheet-error" if ERROR.fullmatch(text) or text.casefold() in TRUTHS else None


def changes(texts: Sequence[str]) -> list[str | None]:
    """Return for each entry of a list what a spreadsheet has likely made of it; None where it looks as it was."""
    return [
        zeros or _change(text) or rounded
        for text, zeros, rounded in zip(texts, _lost_zeros(texts), _rounded(texts), strict=True)
    ]


def _change(text: str) -> str | None:
    # a code such as MAR-12 is left in capitals
    if DAY.fullmatch(text) or (DATE.fullmatch(text) and not text.isupper()):
        return "looks-like-a-date"
    return "looks-like-a-number" if NUMBER.fullmatch(text) else None


def _rounded(texts: Sequence[str]) -> list[str | None]:
    """Return where all long numbers have zeros behind the digits that a spreadsheet keeps."""
    long = {text for text in texts if text.isdecimal() and len(text) > DIGITS_KEPT}
    lost = len(long) >= FEW and not any(text[DIGITS_KEPT:].strip("0") for text in long)
    return ["rounded-by-a-spreadsheet" if lost and text in long else None for text in texts]


def _lost_zeros(texts: Sequence[str]) -> list[str | None]:
    """Return which are shorter than most, in a list of numbers only: a spreadsheet drops zeros at the front."""
    lengths = Counter(len(text) for text in texts)
    longest, count = lengths.most_common(1)[0] if texts else (0, 0)
    lost = len(texts) >= FEW and count * 2 >= len(texts) and longest == max(lengths)
    lost = lost and all(text.isdecimal() for text in texts)
    return ["lost-leading-zeros" if lost and len(text) < longest else None for text in texts]
