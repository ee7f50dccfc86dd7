"""Codes that are mailed: whoever sends one back has read the letter."""

import secrets
from datetime import timedelta

LIFETIME = timedelta(days=1)
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another
GROUPS, GROUP = 4, 5
SHORT_GROUPS, SHORT_GROUP = 2, 4
MOST_REFUSALS = 5


def new_code() -> str:
    """Return a code to be mailed, with 100 bits that nobody can guess."""
    return _grouped(GROUPS, GROUP)


def new_short_code() -> str:
    """Return a code that people type, with 40 bits, of which 5 wrong tries let none count any more.

    Limited tries make up for its length (RFC 4226, 7.3; NIST SP 800-63B, 5.2.2), so that it is kept as a keyed hash.
    """
    return _grouped(SHORT_GROUPS, SHORT_GROUP)


def plain(code: str) -> str:
    """Return a code as it is compared, however it was typed."""
    return "".join(sign for sign in code.upper() if sign in SIGNS)


def _grouped(groups: int, length: int) -> str:
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(length)) for _ in range(groups))
