"""How everything looks that people see: one style sheet, and its tokens as plain colours for what takes no variables.

Pages link the sheet (`pages`), pages that stand alone carry it, letters and documents are written in its colours.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

SHEET: Final = (files(__package__ or "chassis") / "assets" / "style.css").read_text("utf-8")
WHITE, BLACK = "#ffffff", "#000000"
FONTS: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
_ROOT: Final = re.compile(r":root \{(.*?)\n\s*\}", re.DOTALL)
_TOKEN: Final = re.compile(r"--([a-z-]+): (#[0-9a-f]{6}|color-mix\(in srgb, [^;]+\));")
_MIX: Final = re.compile(r"color-mix\(in srgb, var\(--([a-z-]+)\) (\d+)%, (?:var\(--([a-z-]+)\)|(black|white))\)")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a brand by the names of their tokens, where it is light and where it is dark."""

    light: Mapping[str, str]
    dark: Mapping[str, str]


@lru_cache(maxsize=256)
def palette(brand: str | None = None) -> Palette:
    """Return the colours of a brand `#rrggbb`, or those of a house without one."""
    light, dark = (dict(_TOKEN.findall(block)) for block in _ROOT.findall(SHEET)[:2])
    own = {} if brand is None else {"brand": brand, "on-brand": ink_on(brand)}
    return Palette(_resolved(light | own), _resolved(light | dark | own))


def ink_on(color: str) -> str:
    """Return the colour of text on another: white or black, whichever stands out more."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, color))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours `#rrggbb`, between 1 and 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def style_source(style: str) -> str:
    """Return what a policy allows for a style sheet that a page carries (CSP 3, hash-source)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _resolved(tokens: dict[str, str]) -> Mapping[str, str]:
    """Return tokens whose mixtures are mixed: not everything that shows colours can mix them."""
    named = tokens | {"black": BLACK, "white": WHITE}
    return {name: _mixed(value, named) for name, value in tokens.items()}


def _mixed(value: str, named: Mapping[str, str]) -> str:
    found = _MIX.fullmatch(value)
    if found is None:
        return value
    one, share, token, plain = found.groups()
    pairs = zip(_parts(named[one]), _parts(named[token or plain]), strict=True)
    mixed = (round(a * int(share) / 100 + b * (100 - int(share)) / 100) for a, b in pairs)
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _parts(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(color: str) -> float:
    shares = [part / 255 for part in _parts(color)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
