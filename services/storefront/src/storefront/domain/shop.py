"""A shop: a brand at addresses of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# the contrast that text needs (WCAG 2.2, 1.4.3)
LEAST_CONTRAST = 4.5
WHITE, BLACK = "#ffffff", "#000000"


class ShopUnknown(Exception):
    """There is no such shop."""


class TenantUnknown(Exception):
    """There is no such tenant, or its opening has not arrived here yet."""


class HostTaken(Exception):
    """Another shop has this address."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.facts = {"host": host}


@dataclass(frozen=True, slots=True)
class Brand:
    """How a shop looks and what it says of itself; texts are by language."""

    name: str
    color: str
    tagline: Mapping[str, str] = field(default_factory=dict[str, str])
    imprint: Mapping[str, str] = field(default_factory=dict[str, str])
    privacy: Mapping[str, str] = field(default_factory=dict[str, str])
    contact: str = ""

    @property
    def on_color(self) -> str:
        """The colour of text on the brand's own: the lighter or the darker one, whichever stands out more."""
        return max((WHITE, BLACK), key=lambda ink: contrast(ink, self.color))

    @property
    def initial(self) -> str:
        """What stands for the brand where there is no room."""
        return self.name[:1].upper()


@dataclass(frozen=True, slots=True)
class Shop:
    """A brand, where it is, and what it sells: a channel of a tenant."""

    id: str
    tenant: str
    channel: str
    hosts: tuple[str, ...]
    brand: Brand


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours `#rrggbb`, between 1 and 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
