"""The texts that the law asks of a shop, in each language, and in the versions in which it has had them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from storefront.domain.shop import Brand

# the withdrawal notice is the seller's, and orders has it
KINDS: Final = ("imprint", "privacy", "terms")
LANGUAGES: Final = ("de", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it holds from a moment on."""

    kind: str
    language: str
    version: str
    text: str
    since: datetime


def texts_of(brand: Brand) -> dict[tuple[str, str], str]:
    """Return the texts of a brand by kind and language, those that say something."""
    named: dict[str, Mapping[str, str]] = {kind: getattr(brand, kind) for kind in KINDS}
    found = {(kind, language): text.strip() for kind, texts in named.items() for language, text in texts.items()}
    return {key: text for key, text in found.items() if text}


def missing(brand: Brand) -> list[tuple[str, str]]:
    """Return the texts that a shop lacks, by kind and language."""
    there = texts_of(brand)
    return [(kind, language) for kind in KINDS for language in LANGUAGES if (kind, language) not in there]


def next_version(day: date, known: str) -> str:
    """Return the version of a text that begins on a day, after the one that is known last."""
    first, _, number = known.partition("_")
    if first != day.isoformat():
        return day.isoformat()
    return f"{first}_{int(number or 1) + 1}"
