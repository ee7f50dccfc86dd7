"""What a list of serials may hold, and why one is refused whole (E29, LIC-1)."""

from collections.abc import Mapping
from typing import Any, Final

from licensing.domain.keys import KeyMistyped, forms

MOST_LINES = 250_000
LONGEST = 200
SHORTEST = 6
HEADINGS: Final = frozenset(
    {"serial", "serials", "serialnumber", "seriennummer", "key", "keys", "licensekey", "licencekey", "code"}
)


class SerialsRefused(Exception):
    """Nothing was imported: lines are faulty, unlike all others, repeat one another, or are in stock already."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__("serials were refused")
        self.facts = facts


def form_of(serial: str, *, other_makers: bool) -> str:
    """Return the form by which a serial is known.

    Raises KeyMistyped for what looks like a generated key with other check symbols, unless it is another maker's.
    """
    try:
        return forms(serial)[0]
    except KeyMistyped as mistyped:
        if not other_makers:
            raise
        return mistyped.forms[0]
