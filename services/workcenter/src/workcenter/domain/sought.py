"""What somebody looks for, by how it is written."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final
from uuid import UUID

SKU: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# RF, two digits that check the rest (ISO 11649), and the number without dashes
REFERENCE: Final = re.compile(r"RF\d{2}K(\d{4})(\d{6,})")
SHORT: Final = re.compile(r"(?:K-?)?(\d{4})-(\d{1,9})")
DIGITS: Final = re.compile(r"[0-9]{3,12}")
# four characters at least, apart from dashes
KEY: Final = re.compile(r"(?:[A-Za-z0-9]-?){4,120}")
NUMBER: Final = re.compile(r"[A-Za-z0-9-]*\d{3,}[A-Za-z0-9-]*")


class Kind(StrEnum):
    """What a text may be."""

    ID = "id"
    EMAIL = "email"
    SKU = "sku"
    NUMBER = "number"
    NAME = "name"


def kinds(text: str) -> list[Kind]:
    """Return what a text may be, the likeliest first."""
    if _is_id(text):
        return [Kind.ID]
    if "@" in text:
        return [Kind.EMAIL]
    found = [Kind.NUMBER] if NUMBER.fullmatch("".join(text.split())) or SHORT.fullmatch(text.upper()) else []
    if SKU.fullmatch(text):
        found.append(Kind.SKU)
    return [*found, Kind.NAME]


def ending(text: str) -> str | None:
    """Return the last digits of an order's number, where somebody names no more of it."""
    plain = "".join(text.split())
    return plain if DIGITS.fullmatch(plain) else None


def key_end(text: str) -> str | None:
    """Return the last four characters of a text that may be a key or the end of one; licensing knows no more of it.

    A word is none: keys have digits, or are written in capitals.
    """
    plain = text.strip().lstrip("….*•")
    if not KEY.fullmatch(plain) or not (plain.isupper() or any(map(str.isdigit, plain))):
        return None
    return plain.replace("-", "")[-4:]


def numbers(text: str) -> list[str]:
    """Return the numbers that an order may have which somebody names so, the likeliest first.

    A number may lack its first letter or its zeros, and the reference of a transfer has it without its dashes.
    """
    plain = "".join(text.split()).upper()
    if found := REFERENCE.fullmatch(plain):
        return [f"K-{found[1]}-{found[2]}"]
    if found := SHORT.fullmatch(plain):
        return [f"K-{found[1]}-{found[2].zfill(6)}", plain]
    return [plain]


def as_written(text: str, skus: Iterable[str]) -> str | None:
    """Return the SKU that somebody means, as it is written: exactly, or else in other capitals; None for none of them.

    An answer about an article of another spelling would be no answer about this one.
    """
    known = sorted(skus)
    if text in known:
        return text
    return next((sku for sku in known if sku.casefold() == text.casefold()), None)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
