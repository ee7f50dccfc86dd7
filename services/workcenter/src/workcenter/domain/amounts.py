"""Amounts as people type them."""

import re
from typing import Final

PLAIN: Final = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,4}))?")
GROUPED: Final = (
    re.compile(r"([0-9]{1,3}(?:\.[0-9]{3}){1,3})(?:,([0-9]{1,4}))?"),
    re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.([0-9]{1,4}))?"),
)


class AmountUnreadable(ValueError):
    """What was typed is no amount of this currency, or may be two different ones."""


def minor_units(typed: str, decimals: int) -> int:
    """Return an amount such as `1.299,90`, `1299.9` or `1299` in minor units; raises AmountUnreadable.

    `1.299` alone is refused where there are cents: some mean a thousand by it, others a little more than one.
    """
    text = typed.strip().replace(" ", "").replace("\u00a0", "").replace("'", "")
    found = PLAIN.fullmatch(text)
    if found is None:
        found = next((match for one in GROUPED if (match := one.fullmatch(text))), None)
    fraction = (found[2] or "") if found else ""
    if found is None or len(fraction) > decimals:
        raise AmountUnreadable
    whole = int(re.sub(r"[.,]", "", found[1]))
    return whole * 10**decimals + int(fraction.ljust(decimals, "0") or "0")
