"""A call of an operation, as it is written down once for clients in every language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Known = dict[str, Any]
# an id that nothing has
NOBODY = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Call:
    """A call: by whom, with what, how it is answered, and what of the answer later calls need.

    Parameters of an address are what is known under their names, where `given` has no others. A text `$name` stands
    for what is known under that name; `keeps` names it, and where in the answer it is: `Location` is the header's end.
    """

    operation: str
    by: str = "staff"
    status: int | tuple[int, ...] = 200
    body: Any = None
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])
    keeps: Mapping[str, str] = field(default_factory=dict[str, str])


def filled(value: Any, known: Known) -> Any:
    """Return the value with what is known in its places."""
    if callable(value):
        return value(known)
    if isinstance(value, str) and value.startswith("$"):
        return known[value[1:]]
    if isinstance(value, dict):
        return {name: filled(inner, known) for name, inner in cast("dict[str, Any]", value).items()}
    return [filled(inner, known) for inner in cast("list[Any]", value)] if isinstance(value, list) else value
