"""A tenant, its sellers, and the calendar years of their records."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Seller:
    """A legal person that sells; `payee` is the exact name the bank compares.

    Customers answer its letters to `email`; it stands in its withdrawal notice with `telephone` (EGBGB Art. 246a).
    """

    id: str
    legal_name: str
    address: str
    vat_id: str
    country: str
    iban: str
    bic: str
    payee: str
    email: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as its file describes it."""

    id: str
    name: str
    sellers: tuple[Seller, ...]


def record_years(now: datetime) -> tuple[int, int]:
    """Return the calendar years (UTC) for which records keys must exist: this one and the next."""
    return now.year, now.year + 1
