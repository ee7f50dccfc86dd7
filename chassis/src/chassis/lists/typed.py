"""What people type or paste, without what they do not see or did not mean."""

import re
import unicodedata
from typing import Final

MINUS: Final = "\u2212"
ACUTE: Final = "\u00b4"
BLANKS: Final = re.compile(r"\s+")
VISIBLE: Final = re.compile(r"[!-~]+")
PLAIN: Final = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
# how mail programs break lines (RFC 2045, 6.7) and mark what they quote
BROKEN: Final = re.compile(r"=\r?\n|^[ \t]*(?:>[ \t]*)+", re.MULTILINE)
# what stands around a pasted text: quotes, brackets, the sentence's own signs
AROUND: Final = " -\"'`.,;:!?()[]{}<>*"
GROUPS: Final = re.compile(r"[\s_-]+")
# what a letter says before a key: words without digits, and a colon
WORDS: Final = "KEY|CODE|SERIAL|NUMBER|NO|SN|LICEN[CS]E|SCHLUSSEL|NUMMER|NR|LIZENZ|CLE|NUMERO|NYCKEL|KOD"
LABEL: Final = re.compile(rf"[^0-9:]{{0,60}}?(?:(?:{WORDS})[.# ]*:|[^\x00-\x7f] ?:|:(?= ))", re.IGNORECASE)
# capitals of the Cyrillic and the Greek keyboard that look like ours, and the long vowel for a hyphen of the Japanese
CYRILLIC: Final = "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
GREEK: Final = "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
LOOKALIKES: Final = str.maketrans(CYRILLIC + GREEK + "\u30fc", "ABESIJKMHOPCTYX" + "ABEZHIKMNOPTYX" + "-")


def typed(text: str) -> str:
    """Return what somebody typed or pasted as it is to be compared: capitals and digits, groups joined by hyphens.

    Signs that nobody sees are gone, and so are accents, quotes, brackets, full stops, the marks of a quoted mail, and
    a label such as `Key:`. Every run of blanks, dashes and underscores is one hyphen.
    """
    if PLAIN.fullmatch(text):
        return text.upper()
    if not text.isascii():
        text = "".join(_meant(sign) for sign in unicodedata.normalize("NFKD", text))
    plain, before = BLANKS.sub(" ", BROKEN.sub("", text)).upper().translate(LOOKALIKES), None
    while plain != before:
        before, plain = plain, _bare(plain)
    return plain


def compact(text: str) -> str:
    """Return by what a key or code is known, however somebody typed or pasted it: as `typed`, without groups."""
    return typed(text).replace("-", "")


def is_labelled(text: str) -> bool:
    """Return whether a text has a label such as `Key:` in front."""
    return ":" in text and LABEL.match(text) is not None


def cleaned(text: str) -> str:
    """Return a text without signs that nobody sees, in plain letters (NFKC), with hyphens for dashes; case is kept."""
    if VISIBLE.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKC", "".join(_seen(sign) for sign in text))
    return BLANKS.sub(" ", plain).strip()


def visible(name: str) -> str:
    """Return a name that somebody gave as one line of what people see, which turns nothing around it.

    Controls, formats and marks of direction (the categories C) are gone; an end of a line (Zl, Zp) is a blank.
    """
    seen = (" " if unicodedata.category(sign) in ("Zl", "Zp") else sign for sign in name)
    return BLANKS.sub(" ", "".join(sign for sign in seen if unicodedata.category(sign)[0] != "C")).strip()


def _bare(text: str) -> str:
    text = text.strip(AROUND)
    label = LABEL.match(text) if ":" in text else None
    return GROUPS.sub("-", text[label.end() :] if label else text).strip(AROUND)


def _meant(sign: str) -> str:
    kind = unicodedata.category(sign)
    if sign.isascii() or kind[0] == "L":
        return sign
    if kind == "Pd" or sign == MINUS:
        return "-"
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    # joiners, soft hyphens and accents are no signs of their own; what is none of letter and digit separates
    return "" if kind in ("Cf", "Mn", "Me") else " "


def _seen(sign: str) -> str:
    if sign == MINUS or unicodedata.category(sign) == "Pd":
        return "-"
    if sign == ACUTE:
        return "'"
    # soft hyphens, joiners, marks of direction and of byte order are of the category Cf
    return "" if unicodedata.category(sign) == "Cf" else sign
