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


def places(order: Mapping[str, Any], wanted: Chosen) -> str:
    """Return which of an order's units were chosen, short enough for an address: `0x2` are the first and the third."""
    ids = {unit["unit"] for _, unit in wanted.units}
    return "x".join(str(place) for place, unit in enumerate(_units(order)) if unit["unit"] in ids)


def at_places(order: Mapping[str, Any], text: str) -> frozenset[str]:
    """Return the units that such a text means; nothing where it means one that the order does not have."""
    units = _units(order)
    wanted = [int(place) for place in text.split("x") if place]
    return (
        frozenset(units[place]["unit"] for place in wanted) if all(one < len(units) for one in wanted) else frozenset()
    )


def _units(order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [unit for line in order["lines"] for unit in line["units"]]


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


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money that went back, or goes; `reason` is the seller's, empty where nobody has decided it here.

    `state` is how far it is on its way, empty where payments does not say.
    """

    amount: int
    currency: str
    at: str
    reason: str = ""
    state: str = ""


def merged(decided: Iterable[Mapping[str, Any]], booked: Iterable[Mapping[str, Any]], currency: str) -> list[Refunded]:
    """Return the refunds of an order: as they were decided, and what payments knows of each and of others."""
    on_the_way = {one["booking"]: one for one in booked}
    found: list[Refunded] = []
    for one in decided:
        booking = on_the_way.pop(one["refund"], None)
        state = booking["state"] if booking else ""
        found.append(Refunded(one["amount"], currency, one["refunded_at"], one["reason"], state))
    found += [Refunded(one["amount"], one["currency"], one["at"], "", one["state"]) for one in on_the_way.values()]
    return sorted(found, key=lambda one: one.at)
