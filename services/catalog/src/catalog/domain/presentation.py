"""How a family, a product or an edition is shown: texts by language, support, and a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from catalog.domain.errors import AltMissing

LANGUAGES: Final = ("de", "en")
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_DESCRIPTION, LONGEST_REQUIREMENTS = 120, 300, 8000, 2000
LONGEST_LINE = 200
# an e-mail address, a page, or nothing
CONTACT: Final = r"^(|https://[^\s<>\x22]+|[^\s@<>\x22]+@[^\s@<>\x22]+)$"
# pixels: how wide pictures are stored
WIDTHS: Final = (320, 640, 1280)


@dataclass(frozen=True, slots=True)
class Text:
    """What is written of a subject in a language; `description` and `requirements` are Markdown (CommonMark 0.31)."""

    title: str = ""
    summary: str = ""
    description: str = ""
    requirements: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """Whom to ask, until when it is supported, and until when weaknesses are mended (CRA)."""

    contact: str = ""
    supported_until: date | None = None
    secure_until: date | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its hash, as large as it is stored at most, with what it shows in words by language."""

    hash: str
    width: int
    height: int
    alt: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Presentation:
    """All of it; what is empty is shown as that of the product, or of the family."""

    texts: Mapping[str, Text] = field(default_factory=dict[str, Text])
    support: Support = Support()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class WantedPresentation:
    """What somebody wants to be shown; what is None, or a language that is not named, stays as it is."""

    texts: Mapping[str, Text] = field(default_factory=dict[str, Text])
    support: Support | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that buyers of an article get; its size in bytes."""

    name: str
    version: str
    size: int
    media_type: str


def check_alt(alt: Mapping[str, str]) -> None:
    """Raise AltMissing unless a picture has words in every language (WCAG 2.2, 1.1.1)."""
    if any(not alt.get(language, "").strip() for language in LANGUAGES):
        raise AltMissing
