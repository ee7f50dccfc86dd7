"""The event by which a consumer's withdrawal is known (Directive 2011/83/EU, 11a; BGB 356a)."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Time
from contracts.event import Event, Internal, Part, Sealed, days
from contracts.examples import BOXES, LINE, SALE


class WithdrawalOutcome(StrEnum):
    """What follows for units of a declaration; `late`, `waived` and `business` are reasons why nothing does."""

    TAKEN_BACK = "taken_back"
    RETURNING = "returning"
    ENDED = "ended"
    WAIVED = "waived"
    LATE = "late"
    BUSINESS = "business"


class WithdrawnLine(Part):
    """Units of one line that have the same outcome."""

    line: Internal[UUID]
    name: Internal[str]
    units: Internal[list[UUID]]
    outcome: Internal[WithdrawalOutcome]


class WithdrawalDeclared(Event, key="withdrawal", retention=days(90), published_by="orders"):
    """Somebody has declared to withdraw; the receipt goes to `email` at once, with the outcome of each line.

    Without an `order` nothing fits the declaration: staff looks, `number` is what was typed, and there are no lines.
    """

    withdrawal: Internal[UUID]
    channel: Internal[str]
    seller: Internal[str]
    order: Internal[UUID | None] = None
    number: Internal[str]
    language: Internal[str]
    declared_at: Internal[Time]
    lines: Internal[list[WithdrawnLine]]
    name: Sealed
    email: Sealed

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "withdrawal": "0192d3a4-0000-7000-8000-000000000306",
        "channel": "direct",
        "seller": "kontor",
        "order": SALE["order"],
        "number": SALE["order_number"],
        "language": "de",
        "declared_at": "2026-11-05T09:00:00Z",
        "lines": [
            {"line": LINE["line"], "name": LINE["name"], "units": LINE["units"], "outcome": "waived"},
        ],
        "name": BOXES["name_contact"],
        "email": BOXES["email_contact"],
    }
