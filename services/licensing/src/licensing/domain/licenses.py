"""Issued keys and what is said of them (E11, LIC-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class OrderUnknown(Exception):
    """There is no such order."""


class SkuUnknown(Exception):
    """Nothing is known of this SKU."""


class ContactBroken(Exception):
    """Nothing can be sealed to the customer's contact key."""


class Verdict(StrEnum):
    """Why a key is good or not."""

    VALID = "valid"
    UNKNOWN = "unknown"
    MISTYPED = "mistyped"
    REVOKED = "revoked"
    OTHER_PRODUCT = "other_product"


@dataclass(frozen=True, slots=True)
class KeyState:
    """An issued key: of which SKU, and whether it is revoked."""

    sku: str
    revoked: bool


def verdict_on(found: Iterable[KeyState], sku: str | None) -> Verdict:
    """Return the verdict on a key by what is known under its text; of several the best one counts."""
    known = list(found)
    if not known:
        return Verdict.UNKNOWN
    fitting = [key for key in known if sku is None or key.sku == sku]
    if not fitting:
        return Verdict.OTHER_PRODUCT
    return Verdict.REVOKED if all(key.revoked for key in fitting) else Verdict.VALID
