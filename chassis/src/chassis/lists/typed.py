"""What people type or paste, without what they do not see or did not mean."""

import re
import unicodedata
from typing import Final

MINUS: Final = "\u2212"
ACUTE: Final = "\u00b4"
# what stands around a pasted text: quotes of every language, brackets, the sentence's own signs
AROUND: Final = " \"'`.,;:!?()[]{}<>*\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb"
BLANKS: Final = re.compile(r"\s+")
BLANKS_AT_DASH: Final = re.compile(r" ?(-) ?")
VISIBLE: Final = re.compile(r"[!-~]+")


def typed(text: str) -> str:
    """Return what somebody typed or pasted as it is to be compared, in upper case.

    Signs that nobody sees are gone, and so are quotes, brackets and full stops around it; every dash is a hyphen,
    every run of blanks is one, and none is left at a hyphen. What is compared without blanks or hyphens at all drops
    them from this.
    """
    plain = cleaned(text).strip(AROUND).upper()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
    return BLANKS_AT_DASH.sub(r"\1", plain) if " " in plain else plain


def cleaned(text: str) -> str:
    """Return a text without signs that nobody sees, in plain letters (NFKC), with hyphens for dashes; case is kept."""
    if VISIBLE.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKC", "".join(_seen(sign) for sign in text))
    return BLANKS.sub(" ", plain).strip()


def _seen(sign: str) -> str:
    if sign == MINUS or unicodedata.category(sign) == "Pd":
        return "-"
    if sign == ACUTE:
        return "'"
    # soft hyphens, joiners, marks of direction and of byte order are of the category Cf
    return "" if unicodedata.category(sign) == "Cf" else sign
