"""The event by which somebody without an account is invited to buy for an organisation."""

from typing import ClassVar
from uuid import UUID

from contracts.bounds import Time
from contracts.event import Event, Internal, Sealed, days


class GuestInvited(Event, key="invitation", retention=days(7), published_by="accounts"):
    """Somebody who is no customer yet is invited: with `code` they open an account and are a member in one go.

    All boxes are sealed to the organisation's key; `name` is the organisation's, `invited_by` that of an owner.
    """

    invitation: Internal[UUID]
    shop: Internal[str]
    language: Internal[str]
    role: Internal[str]
    expires_at: Internal[Time]
    name: Sealed
    invited_by: Sealed
    email: Sealed
    code: Sealed

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "invitation": "0192d3a4-0000-7000-8000-000000000112",
        "shop": "Kontor",
        "language": "de",
        "role": "buyer",
        "expires_at": "2026-11-09T09:00:00Z",
        "name": {"key": "0192d3a4-0000-7000-8000-000000000113", "kind": "company", "box": "AAAA"},
        "invited_by": {"key": "0192d3a4-0000-7000-8000-000000000113", "kind": "name", "box": "AAAA"},
        "email": {"key": "0192d3a4-0000-7000-8000-000000000113", "kind": "email", "box": "AAAA"},
        "code": {"key": "0192d3a4-0000-7000-8000-000000000113", "kind": "code", "box": "AAAA"},
    }
