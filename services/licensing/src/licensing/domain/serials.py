"""What a list of serials may hold (E29, LIC-1)."""

from licensing.domain.keys import KeyMistyped, forms

MOST_LINES = 250_000
LONGEST = 200
SHORTEST = 6


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
