"""The brand under which a letter is written: that of the shop which sells what it is about (PLT-2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Brand:
    """How a shop looks, what it says of itself by language, where it is, and from which address it writes."""

    name: str
    color: str
    host: str
    tagline: Mapping[str, str] = field(default_factory=dict[str, str])
    imprint: Mapping[str, str] = field(default_factory=dict[str, str])
    contact: str = ""
    mail_from: str | None = None

    @property
    def initial(self) -> str:
        """What stands for the brand where there is no room."""
        return self.name[:1].upper()


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language, or in another where it lacks."""
    return texts.get(language) or next(iter(texts.values()), "")
