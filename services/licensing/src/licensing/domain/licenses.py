"""Issued keys and what is said of them (E11, LIC-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class OrderUnknown(Exception):
    """There is no such order."""


class SkuUnknown(Exception):
    """Nothing is known of this SKU; an article with it has to be loaded into the catalogue first."""


class ContactBroken(Exception):
    """Nothing can be sealed to the customer's contact key."""


class LicenseUnknown(Exception):
    """There is no such key in this order."""


class LicenseEnded(Exception):
    """This key counts no more, because what it was bought for was taken back."""


class LicenseErased(Exception):
    """This key can be read by nobody any more: it was sealed to a customer who was erased."""


class Verdict(StrEnum):
    """Why a key is good or not."""

    VALID = "valid"
    UNKNOWN = "unknown"
    MISTYPED = "mistyped"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    OTHER_PRODUCT = "other_product"
    NOT_ACTIVATED = "not_activated"
    TOO_MANY_DEVICES = "too_many_devices"


@dataclass(frozen=True, slots=True)
class KeyState:
    """An issued key: of which SKU, whether it is revoked, and suspended because of a dispute or a claim."""

    sku: str
    revoked: bool
    suspended: bool
    order_id: UUID
    license_id: UUID

    @property
    def counts(self) -> bool:
        """Whether it is good."""
        return not self.revoked and not self.suspended


def counting(found: Iterable[KeyState], sku: str | None) -> KeyState | None:
    """Return the key that makes a verdict good, if one does."""
    return next((key for key in found if key.counts and (sku is None or key.sku == sku)), None)


def verdict_on(found: Iterable[KeyState], sku: str | None) -> Verdict:
    """Return the verdict on a key by what is known under its text; of several the best one counts."""
    known = list(found)
    if not known:
        return Verdict.UNKNOWN
    fitting = [key for key in known if sku is None or key.sku == sku]
    if not fitting:
        return Verdict.OTHER_PRODUCT
    kept = [key for key in fitting if not key.revoked]
    if not kept:
        return Verdict.REVOKED
    return Verdict.SUSPENDED if all(key.suspended for key in kept) else Verdict.VALID
