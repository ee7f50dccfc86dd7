"""What staff does with money that no rule may release."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx

from payments.domain.orders import OrderUnknown
from payments.domain.statements import AllocationExceeds, EntryClosed, EntryUnknown, NotAllocatable
from payments.store import orders, review, statements
from payments.store.review import Entry
from payments.usecases.statements import receive


async def allocate(tx: Tx, tenant: str, entry_id: UUID, order_id: UUID, units: Sequence[UUID]) -> None:
    """Let transferred money pay these units, which cost no more than what is left of it."""
    await orders.lock(tx, tenant, [order_id])
    entry = await _open(tx, tenant, entry_id)
    order = await orders.find(tx, tenant, order_id)
    if order is None:
        raise OrderUnknown
    if entry.receipt is None or entry.currency != order.currency:
        raise NotAllocatable
    chosen = order.coverable(units)
    amount = sum(unit.gross for unit in chosen)
    if amount > entry.amount - entry.allocated:
        raise AllocationExceeds
    await review.allocate(tx, tenant, entry_id, amount)
    await statements.assign(tx, tenant, entry.receipt, order_id)
    # A receipt of its own for each allocation: one credit may pay for several orders.
    await receive(tx, order, chosen, tx.new_id(), amount, entry.booked_on)


async def close(tx: Tx, tenant: str, entry_id: UUID, outcome: str) -> None:
    """Staff has dealt with what is left of an entry elsewhere; nothing is released."""
    await _open(tx, tenant, entry_id)
    await review.close(tx, tenant, entry_id, outcome)


async def _open(tx: Tx, tenant: str, entry_id: UUID) -> Entry:
    entry = await review.lock(tx, tenant, entry_id)
    if entry is None:
        raise EntryUnknown
    if entry.closed_at is not None:
        raise EntryClosed
    return entry
