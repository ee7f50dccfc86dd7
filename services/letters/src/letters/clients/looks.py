"""How letters look: the style sheet of all pages, as far as mail programs show it.

They take no variables, no classes and few sheets, so each element has its style; what is dark is told by a sheet, for
those that read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from chassis.looks import FONTS, palette
from markupsafe import Markup

FONT: Final = FONTS.replace('"', "'")
CODE: Final = "ui-monospace,Menlo,Consolas,monospace"
# which tokens the classes of a letter take where it is dark
DARK: Final = {
    "ground": {"background-color": "ground"},
    "paper": {"background-color": "raised", "color": "ink", "border-color": "line"},
    "soft": {"color": "soft"},
    "rule": {"border-color": "line"},
    "link": {"color": "link"},
    "second": {"color": "ink", "border-color": "strong-line"},
    "code": {"background-color": "ground", "color": "ink"},
}


@dataclass(frozen=True, slots=True)
class Looks:
    """The style of each kind of element, and the sheet for where it is dark."""

    styles: Mapping[str, str]
    sheet: Markup


@lru_cache(maxsize=256)
def looks(color: str | None) -> Looks:
    """Return how a letter of a brand looks, or of a house without one."""
    colors = palette(color)
    rules = (
        f".{name}{{{';'.join(f'{what}:{colors.dark[token]}!important' for what, token in parts.items())}}}"
        for name, parts in DARK.items()
    )
    sheet = f":root{{color-scheme:light dark}}@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
    return Looks(_styles(colors.light), Markup(sheet))  # noqa: S704 -- our own tokens


def _styles(color: Mapping[str, str]) -> Mapping[str, str]:
    button = "display:inline-block;padding:0.6rem 1.1rem;border-radius:8px;font-weight:600;text-decoration:none"
    top = f"border-top:1px solid {color['line']}"
    name = f"padding:0.35rem 0.75rem 0.35rem 0;vertical-align:top;color:{color['soft']}"
    return {
        "ground": f"margin:0;padding:0;background-color:{color['ground']}",
        "around": f"background-color:{color['ground']};padding:1.25rem 0.75rem 2rem;font:16px/1.55 {FONT}",
        "paper": (
            f"max-width:38rem;margin:0 auto;padding:1.5rem 1.25rem;background-color:{color['raised']};"
            f"color:{color['ink']};border:1px solid {color['line']};border-radius:10px"
        ),
        "head": "margin:0 0 1.5rem;font-size:1.2rem;font-weight:700",
        "mark": (
            f"display:inline-block;width:1.9rem;line-height:1.9rem;margin-right:0.5rem;border-radius:8px;font-size:1rem;"
            f"text-align:center;background-color:{color['brand']};color:{color['on-brand']}"
        ),
        "plain": "color:inherit;text-decoration:none",
        "p": "margin:0 0 0.75rem",
        "h2": "font-size:1.2rem;line-height:1.25;margin:1.75rem 0 0.75rem",
        "h3": f"font-size:1rem;line-height:1.35;margin:0;padding-top:0.9rem;{top}",
        "list": "margin:0 0 0.75rem;padding-left:1.2rem",
        "table": f"border-collapse:collapse;width:100%;margin:0 0 0.75rem;{top}",
        "name": name,
        "label": f"{name};padding-right:1.25rem;white-space:nowrap;width:1%",
        "value": "padding:0.35rem 0;vertical-align:top;overflow-wrap:anywhere",
        "number": "padding:0.35rem 0;vertical-align:top;text-align:right;white-space:nowrap",
        "button": f"{button};background-color:{color['brand']};color:{color['on-brand']}",
        "second": f"{button};border:1px solid {color['strong-line']};color:{color['ink']}",
        "link": f"color:{color['link']}",
        "code": (
            f"display:inline-block;padding:0.35rem 0.6rem;border-radius:6px;background-color:{color['ground']};"
            f"font:0.95rem/1.5 {CODE}"
        ),
        "soft": f"color:{color['soft']};font-size:0.875rem;line-height:1.5",
        "foot": f"margin:2rem 0 0;padding-top:1rem;{top};color:{color['soft']};font-size:0.875rem;line-height:1.5",
    }
