"""When serials run low."""

from collections.abc import Mapping
from typing import Any


def runs_low(stock: Mapping[str, Any], source: str) -> bool:
    """Return whether somebody has to import serials: never where keys are generated, or there are none.

    Where the source is not known, an article that has serials or owes some has imported ones.
    """
    imported = source == "imported" or (not source and bool(stock["available"] or stock["backordered"]))
    return imported and stock["available"] <= stock["low_stock"] and bool(stock["low_stock"] or stock["backordered"])
