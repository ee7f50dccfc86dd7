"""Texts that others wrote, made fit for a header line, a greeting or a record."""

import re
import unicodedata

# Neither quoted local parts nor comments nor routes: nobody's shop address needs them, and they hide tricks.
PLAIN_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f<>()\[\],;:\\\"@]{1,64}@[^\s\x00-\x20\x7f<>()\[\],;:\\\"@]{1,253}")

_ANY_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
_LEADS_AWAY = re.compile(r"://|www\.|@", re.IGNORECASE)
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
ANSWER_LENGTH = 300


def _shown(sign: str) -> str:
    return " " if unicodedata.category(sign) in _UNPRINTABLE else sign


def one_line(text: str, length: int = 500) -> str:
    """Return the text on one line without control characters: no CR, LF or NUL, no marks that turn its direction."""
    # most texts are printable, which excludes all of these at once
    plain = text if text.isprintable() else "".join(map(_shown, text))
    return " ".join(plain.split())[:length]


def greetable(name: str) -> str:
    """Return a person's name for a greeting; empty where it is an advertisement, which we would carry to others."""
    plain = one_line(name, 100)
    return "" if _LEADS_AWAY.search(plain) else plain


def scrubbed(answer: str, address: str = "") -> str:
    """Return a server's answer without the customer's address or any other (M23)."""
    plain = one_line(answer, 2000)
    for personal in (address, address.rpartition("@")[0]):
        if len(personal) >= 3:
            plain = re.sub(re.escape(personal), "***", plain, flags=re.IGNORECASE)
    return _ANY_ADDRESS.sub("***", plain)[:ANSWER_LENGTH]
