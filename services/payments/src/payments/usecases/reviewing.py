"""What staff does with money that no rule may release."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx

from payments.domain.orders import OrderUnknown
from payments.domain.statements import EntryClosed, EntryUnknown, NotAllocatable, draw
from payments.store import ledgers, orders, review
from payments.store.review import Entry
from payments.usecases.receiving import draw_from


async def allocate(tx: Tx, tenant: str, entry_ids: Sequence[UUID], order_id: UUID, unit_ids: Sequence[UUID]) -> None:
    """Let transferred money pay these units, which cost no more than what is left of the named entries together.

    They are used up in the order in which they are named; the money is received once the last of it was booked.
    Raises EntryUnknown, EntryClosed, OrderUnknown, NotAllocatable, UnitsNotOpen, AllocationExceeds.
    """
    await orders.lock(tx, tenant, [order_id])
    entries = await _lock(tx, tenant, list(dict.fromkeys(entry_ids)))
    ledger = await ledgers.load(tx, tenant, order_id)
    if ledger is None:
        raise OrderUnknown
    if any(not entry.allocatable or entry.currency != ledger.order.currency for entry in entries):
        raise NotAllocatable
    units = ledger.order.coverable(unit_ids)
    amount = sum(unit.gross for unit in units)
    drawn = zip(entries, draw([entry.left for entry in entries], amount), strict=True)
    used = [(entry, part) for entry, part in drawn if part]
    await draw_from(tx, ledger, units, used)


async def close(tx: Tx, tenant: str, entry_id: UUID, outcome: str) -> None:
    """Close an entry whose money staff has dealt with elsewhere; nothing is released.

    Raises EntryUnknown, EntryClosed.
    """
    await _lock(tx, tenant, [entry_id])
    await review.close(tx, tenant, entry_id, outcome)
    tx.audit("entry", entry_id, after={"outcome": outcome})


async def _lock(tx: Tx, tenant: str, entry_ids: Sequence[UUID]) -> list[Entry]:
    entries = await review.lock(tx, tenant, entry_ids)
    if len(entries) < len(entry_ids):
        raise EntryUnknown
    if any(entry.closed_at is not None for entry in entries.values()):
        raise EntryClosed
    return [entries[entry_id] for entry_id in entry_ids]
