"""The small values every noun is made of."""

import secrets
import string
import time
from typing import Any

Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Makes an id that nobody can guess, in the provider's form."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


def now() -> int:
    """Tells the time in whole seconds since 1970, as the wire does."""
    return int(time.time())


def money(amount: int, currency: str) -> str:
    """Writes minor units the way the provider's messages do."""
    sign = {"eur": "€", "usd": "$", "gbp": "£"}.get(currency)
    figure = f"{amount / 100:,.2f}"
    return f"{sign}{figure}" if sign else f"{figure} {currency.upper()}"
