"""What a shop promises of boxes: to which countries they go, and how long they take."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

BOXED: Final = "boxed"


def countries(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the countries to which all boxes of a cart go; they go where they are sold."""
    markets: list[set[str]] = [set(line["markets"]) for line in lines if line["fulfilment"] == BOXED]
    return sorted(markets[0].intersection(*markets)) if markets else []


def promised(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return how long each box takes, in a form by which it is known whether it is still what was shown."""
    return " ".join(f"{line['sku']}:{_days(line['delivery_days'])}" for line in lines if line["fulfilment"] == BOXED)


def _days(days: Mapping[str, int] | None) -> str:
    return "" if days is None else f"{days['least']}-{days['most']}"
