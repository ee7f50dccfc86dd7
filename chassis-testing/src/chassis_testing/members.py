"""Customers of whom tests need many kinds: those who act for an organisation, and those who may not."""

from typing import Any
from uuid import UUID, uuid4

from chassis_testing.harness import Harness

Headers = dict[str, str]


def acting(home: Harness, customer: UUID, organisation: UUID | None, role: str = "", tenant: str = "kontor") -> Headers:
    """Return how a customer signs requests who acts for an organisation, or for themself."""
    claims: dict[str, Any] = {}
    if organisation is not None:
        claims = {"organisation": {"organisation": str(organisation), "role": role, "name": "Muster", "vat_id": None}}
    return home.bearer(home.accounts.token(customer, "customer", tenant=tenant, **claims))


def nobody(home: Harness, organisation: UUID) -> list[Headers]:
    """Return those of another organisation or tenant, a former member, other roles, and one who acts for themself."""
    member = uuid4()
    return [
        acting(home, uuid4(), uuid4(), "owner"),
        acting(home, uuid4(), organisation, "owner", tenant="nordlicht"),
        acting(home, member, None),
        acting(home, member, organisation, "buyer"),
        acting(home, member, organisation, "OWNER"),
    ]
