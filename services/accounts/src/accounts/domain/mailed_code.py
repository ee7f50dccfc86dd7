"""Codes that are mailed: whoever sends one back has read the letter."""

import secrets
from datetime import timedelta

LIFETIME = timedelta(days=1)
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another
GROUPS, GROUP = 4, 5


def new_code() -> str:
    """Return a code to be mailed, with 100 bits that nobody can guess."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(GROUPS))


def plain(code: str) -> str:
    """Return a code as it is compared, however it was typed."""
    return "".join(sign for sign in code.upper() if sign in SIGNS)
