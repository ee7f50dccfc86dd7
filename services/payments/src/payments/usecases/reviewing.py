"""What staff does with money that no rule may release."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx

from payments.domain.orders import OrderUnknown
from payments.domain.statements import EntryClosed, EntryUnknown, NotAllocatable, draw
from payments.store import allocations, orders, review, statements
from payments.store.review import Entry
from payments.usecases.statements import receive


async def allocate(tx: Tx, tenant: str, named: Sequence[UUID], order_id: UUID, units: Sequence[UUID]) -> None:
    """Let transferred money pay these units, which cost no more than what is left of the named entries together.

    They are used up in the order in which they are named; the money is received once the last of it was booked.
    """
    await orders.lock(tx, tenant, [order_id])
    locked = {entry: await _open(tx, tenant, entry) for entry in sorted(set(named))}
    entries = [locked[entry] for entry in dict.fromkeys(named)]
    order = await orders.find(tx, tenant, order_id)
    if order is None:
        raise OrderUnknown
    if any(entry.receipt is None or entry.currency != order.currency for entry in entries):
        raise NotAllocatable
    chosen = order.coverable(units)
    amount = sum(unit.gross for unit in chosen)
    # A receipt of its own for each allocation: one credit may pay for several orders, and several for one unit.
    allocation, used = tx.new_id(), list[Entry]()
    for entry, part in zip(entries, draw([one.amount - one.allocated for one in entries], amount), strict=True):
        if part and entry.receipt is not None:
            await review.allocate(tx, tenant, entry.entry, part)
            await statements.assign(tx, tenant, entry.receipt, order_id)
            allocations.add(tx, tenant, allocation, entry.receipt, part)
            used.append(entry)
    await receive(tx, order, chosen, allocation, amount, max(entry.booked_on for entry in used or entries))


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
