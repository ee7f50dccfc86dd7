"""What was agreed when an order was placed, as far as its letters repeat it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the order; amounts in minor units, `price` per unit, `tax_rate` in basis points.

    `boxed` goods are shipped, and take the fewest and the most working `days` where they are named; the units of a
    line with a `shared_key` have one key together (LIC-4).
    """

    id: UUID
    unit_ids: tuple[UUID, ...]
    name: str
    price: int
    gross: int
    tax: int
    tax_rate: int
    boxed: bool
    shared_key: bool
    deliver_from: datetime | None = None
    days: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A consent as it was given (ORD-7); an earlier release's letters do not name its kind."""

    text: str
    given_at: datetime
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Seller:
    """The seller, from whom a letter is, and to whom an answer goes: to `reply_to`, or else to `email`.

    `records` is the key, id and public half, to which its copy is sealed.
    """

    legal_name: str
    address: str
    vat_id: str
    records: tuple[UUID, bytes] | None = None
    email: str | None = None
    telephone: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Instructions:
    """How to transfer the money."""

    reference: str
    iban: str
    bic: str
    payee: str
    amount: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """An order's texts, lines and totals; `withdrawal_notice` is empty for a business customer."""

    language: str
    by_transfer: bool
    currency: str
    net: int
    gross: int
    seller: Seller
    consents: tuple[Statement, ...]
    withdrawal_notice: str
    lines: tuple[Line, ...]
