"""Receiving: transferred money covers units, alone or together with what came before in parts (PAY-6)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

from chassis.db import Tx
from contracts.payments import TransferReceived

from payments.domain.ledger import Ledger
from payments.domain.orders import Unit
from payments.store import ledgers, orders, review
from payments.store.review import Entry, Part
from payments.usecases.checkouts import close_checkouts
from payments.usecases.settling import follow


async def receive(
    tx: Tx, ledger: Ledger, units: Sequence[Unit], receipt_id: UUID, amount: int, booked_on: date
) -> Ledger:
    """Let transferred money cover these units: open checkouts are closed, a refund that waited goes on its way.

    Returns the ledger, which is still to be saved.
    """
    order, unit_ids = ledger.order, [unit.id for unit in units]
    received = TransferReceived(
        **orders.header(order),
        receipt=receipt_id,
        units=unit_ids,
        amount=amount,
        currency=order.currency,
        booked_at=datetime.combine(booked_on, time(), UTC),
    )
    tx.publish(received, cause=order)
    await close_checkouts(tx, ledger)
    return await follow(tx, ledger.with_covered(unit_ids, receipt_id))


async def draw_from(tx: Tx, ledger: Ledger, units: Sequence[Unit], used: Sequence[tuple[Entry, int]]) -> None:
    """Let these amounts of entries of one order's seller cover units; the money is received once the last was booked.

    An allocation has a receipt of its own: one credit may pay for several orders, and several for one unit.
    """
    order, allocation_id = ledger.order, tx.new_id()
    parts = [Part(entry.id, entry.receipt_id, part) for entry, part in used if entry.receipt_id is not None]
    await review.allocate(tx, order.tenant, allocation_id, parts)
    for entry, part in used:
        facts = {"order": order.id, "units": [unit.id for unit in units]}
        after = {"allocated": entry.allocated + part, **facts}
        tx.audit("entry", entry.id, before={"allocated": entry.allocated}, after=after)
    booked_on = max(entry.booked_on for entry, _ in used if entry.booked_on is not None)
    amount = sum(unit.gross for unit in units)
    await ledgers.save(tx, await receive(tx, ledger, units, allocation_id, amount, booked_on))


async def add_up(tx: Tx, tenant: str, order_ids: Iterable[UUID]) -> int:
    """Let transfers that each were too little pay the order that they name, once together they are what it owes.

    Not a cent more or less: everything else waits for staff, as does money for an order of which units were cancelled.
    The orders are locked. Returns how many credits paid so.
    """
    found = 0
    for order_id in sorted(order_ids):
        ledger = await ledgers.load(tx, tenant, order_id)
        if ledger is None or ledger.order.lapsed or not ledger.order.open_units:
            continue
        waiting = await review.in_parts(tx, tenant, order_id, ledger.order.currency)
        if sum(entry.left for entry in waiting) == ledger.order.due_amount:
            await draw_from(tx, ledger, ledger.order.open_units, [(entry, entry.left) for entry in waiting])
            found += len(waiting)
    return found
