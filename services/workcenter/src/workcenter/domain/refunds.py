"""What a refund takes back of an order."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

REFUNDABLE: Final = frozenset({"paid", "delivered"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Units to take back, each with the line that it is of, and what they cost together."""

    units: list[tuple[Mapping[str, Any], Mapping[str, Any]]]
    total: int

    @property
    def keyed(self) -> bool:
        """Whether anything of it was delivered by download: its links and keys end."""
        return any(line["fulfilment"] == "download" for line, _ in self.units)


def chosen(order: Mapping[str, Any], units: Collection[str]) -> Chosen | None:
    """Return what these units are and cost; None where one of them is not the order's, or cannot be given back."""
    found = [(line, unit) for line in order["lines"] for unit in line["units"] if unit["unit"] in units]
    if not found or len(found) != len(set(units)) or any(unit["state"] not in REFUNDABLE for _, unit in found):
        return None
    return Chosen(found, sum(unit["gross"] for _, unit in found))


def returning(
    order: Mapping[str, Any], withdrawals: Iterable[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return the units, each with its line, that are sent back before they are refunded, and are not refunded yet."""
    lines = [line for one in withdrawals for line in one["lines"] if line["outcome"] == "returning"]
    sent_back = {unit for line in lines for unit in line["units"]}
    units = [(line, unit) for line in order["lines"] for unit in line["units"]]
    return [(line, unit) for line, unit in units if unit["unit"] in sent_back and unit["state"] in REFUNDABLE]


def ended_lines(order: Mapping[str, Any]) -> frozenset[str]:
    """Return the lines of which every unit is given back: their links and keys are to end."""
    return frozenset(
        line["line"] for line in order["lines"] if all(unit["state"] == "refunded" for unit in line["units"])
    )


def given_back(order: Mapping[str, Any]) -> int:
    """Return how much of an order is given back."""
    return sum(unit["gross"] for line in order["lines"] for unit in line["units"] if unit["state"] == "refunded")
