"""Who may read an order, and who may change it."""

from typing import Final
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller
from contracts.accounts import OrganisationClaims

from orders.domain.buyer import OWNER, ActsFor
from orders.domain.order import OrderUnknown
from orders.store import orders
from orders.store.orders import StoredOrder

CUSTOMER: Final = "customer"
READERS: Final = (CUSTOMER, "sales", "support", "bookkeeping", "reviewer")


def acts_for(caller: Caller) -> ActsFor | None:
    """Return the organisation for which a customer acts, None where they act for themself."""
    claimed = caller.claims.get("organisation")
    if claimed is None or CUSTOMER not in caller.roles:
        return None
    claims = OrganisationClaims.model_validate(claimed)
    return ActsFor(claims.organisation, claims.role, claims.name, claims.vat_id)


async def readable(read: Read, caller: Caller, order_id: UUID) -> StoredOrder:
    """Return the order if the caller may read it; raises OrderUnknown, also for another customer's (F-P28).

    Whoever acts for an organisation as its owner or auditor reads all of its orders.
    """
    found = await orders.find(read, caller.tenant, order_id)
    if found is None or (CUSTOMER in caller.roles and not (_own(caller, found) or _of_theirs(caller, found))):
        raise OrderUnknown
    return found


async def changeable(read: Read, caller: Caller, order_id: UUID) -> StoredOrder:
    """Return the order if the caller may cancel it; raises OrderUnknown.

    Staff may, whoever has placed it, and owners who act for the organisation that it belongs to.
    """
    found = await readable(read, caller, order_id)
    acting = acts_for(caller)
    if CUSTOMER in caller.roles and not _own(caller, found) and (acting is None or acting.role != OWNER):
        raise OrderUnknown
    return found


def _own(caller: Caller, found: StoredOrder) -> bool:
    return str(found.placed.customer) == caller.subject


def _of_theirs(caller: Caller, found: StoredOrder) -> bool:
    acting = acts_for(caller)
    return acting is not None and acting.sees_all and found.placed.organisation == acting.organisation
