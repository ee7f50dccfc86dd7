"""Amounts as people type them."""

import re
from typing import Final

TYPED: Final = re.compile(r"(\d{1,10})(?:[.,](\d{1,4}))?")


class AmountUnreadable(ValueError):
    """What was typed is no amount of this currency."""


def minor_units(typed: str, decimals: int) -> int:
    """Return an amount such as `1.299,90`, `1299.9` or `1299` in minor units; raises AmountUnreadable.

    A point or comma with three digits behind it, and all but the last one, separate thousands.
    """
    text = typed.strip().replace(" ", "").replace(" ", "").replace("'", "")
    whole, fraction = _parted(text, decimals)
    found = TYPED.fullmatch(f"{whole}.{fraction}" if fraction else whole)
    if found is None or len(fraction) > decimals:
        raise AmountUnreadable
    return int(found[1]) * 10**decimals + int((found[2] or "").ljust(decimals, "0") or "0")


def _parted(text: str, decimals: int) -> tuple[str, str]:
    last = max(text.rfind(","), text.rfind("."))
    if last < 0:
        return text, ""
    behind = text[last + 1 :]
    thousands = len(behind) == 3 and decimals != 3
    whole = text if thousands else text[:last]
    if not re.fullmatch(r"\d+|\d{1,3}([.,]\d{3})+", whole):
        raise AmountUnreadable
    return re.sub(r"[.,]", "", whole), "" if thousands else behind
