"""Whether a customer's account goes once their orders are closed, for they have chosen so."""

from collections.abc import Mapping
from typing import Any


def is_leaving(me: Mapping[str, Any] | None) -> bool:
    """Return whether what accounts knows of a customer is deleted right after their orders."""
    return me is not None and (not me["keep_data"] or me["deletion_asked_at"] is not None)
