"""The event by which customers learn that the password of their account is another."""

from typing import ClassVar
from uuid import UUID

from contracts.bounds import Time
from contracts.event import Event, Internal, Public, Sealed

_EMAIL = {"key": "0192d3a4-0000-7000-8000-000000000103", "kind": "email", "box": "AAAA"}


class PasswordChanged(Event, key="customer", published_by="accounts"):
    """A customer has another password, and all their sessions have ended; they are written to, for it may be a thief's.

    `shop` is the name of the tenant, `browser` and `system` what it was changed with, where we have a word for it.
    """

    customer: Internal[UUID]
    changed_at: Public[Time]
    shop: Public[str]
    language: Public[str]
    name: Sealed
    email: Sealed
    browser: Internal[str | None] = None
    system: Internal[str | None] = None

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "changed_at": "2026-11-02T08:10:00Z",
        "shop": "Kontor",
        "language": "de",
        "name": {**_EMAIL, "kind": "name"},
        "email": _EMAIL,
        "browser": "Firefox",
        "system": "Windows",
    }
