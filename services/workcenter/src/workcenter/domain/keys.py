"""Keys of an order, each with the devices on which it may be active."""

from collections.abc import Iterable, Mapping
from typing import Any


def device_limits(units: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """Return on how many devices each key may be active, None for any number: units that share it allow so many each.

    Those that are given back allow none any more, and a key that no unit has any more is not named.
    """
    found: dict[str, list[int | None]] = {}
    for unit in units:
        if unit["license"] is not None and unit["state"] in ("issued", "suspended"):
            found.setdefault(unit["license"], []).append(unit["device_limit"])
    return {license_id: _sum(limits) for license_id, limits in found.items()}


def _sum(limits: list[int | None]) -> int | None:
    numbers = [limit for limit in limits if limit is not None]
    return sum(numbers) if len(numbers) == len(limits) else None
