"""For whom a customer acts: for themself, or for an organisation that the session has chosen."""

from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.accounts import OrganisationClaims

from accounts.domain.organisation import OrganisationUnknown
from accounts.domain.people import SessionUnknown
from accounts.store import organisations as store
from accounts.usecases import organisations
from accounts.usecases.key_management import KeyManagement


async def act_for(tx: Tx, tenant: str, customer_id: UUID, session_id: UUID, organisation_id: UUID | None) -> None:
    """Let the session's next access token act for an organisation of the customer's, or for themself.

    Raises OrganisationUnknown, SessionUnknown.
    """
    if organisation_id is not None and not await store.of_customer(tx, tenant, customer_id, organisation_id):
        raise OrganisationUnknown
    if not await store.act_for(tx, tenant, customer_id, session_id, organisation_id):
        raise SessionUnknown


async def claims(read: Read, tenant: str, session_id: UUID, kms: KeyManagement) -> dict[str, Any]:
    """Return what an access token says of the organisation that a session acts for, as it is now; nothing without."""
    chosen = await store.acted_for(read, tenant, session_id)
    found = await organisations.readable(read, tenant, chosen, kms) if chosen else None
    if found is None:
        return {}
    claimed = OrganisationClaims(organisation=found.id, role=found.role, name=found.name, vat_id=found.vat_id)
    return {"organisation": claimed.model_dump(mode="json")}
