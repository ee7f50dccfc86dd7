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
    """The text on one line without anything that controls: no CR, LF, NUL, nor marks that turn its direction."""
    # most texts are printable, which excludes all of these at once
    plain = text if text.isprintable() else "".join(map(_shown, text))
    return " ".join(plain.split())[:length]


def greetable(name: str) -> str:
    """A person's name for a greeting; empty where it is none but an advertisement that we would carry to strangers."""
    plain = one_line(name, 100)
    return "" if _LEADS_AWAY.search(plain) else plain


def scrubbed(answer: str, address: str = "") -> str:
    """A server's answer without the customer's address or any other (M23)."""
    plain = one_line(answer, 2000)
    for personal in (address, address.rpartition("@")[0]):
        if len(personal) >= 3:
            plain = re.sub(re.escape(personal), "***", plain, flags=re.IGNORECASE)
    return _ANY_ADDRESS.sub("***", plain)[:ANSWER_LENGTH]
