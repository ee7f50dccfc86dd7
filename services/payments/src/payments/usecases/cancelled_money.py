"""Transferred money whose units turn out cancelled: it pays them no more and waits for a human."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from chassis.db import Tx

from payments.domain.ledger import Ledger
from payments.domain.orders import Order, Unit
from payments.domain.payments import Reason
from payments.domain.statements import draw
from payments.store import allocations, review
from payments.store.review import NewEntry

log = structlog.get_logger(__name__)


async def free(tx: Tx, ledger: Ledger) -> Ledger:
    """List the transferred money of cancelled units for review, once, and return the ledger without it.

    A card payment waits there as a whole, whichever units it covers.
    """
    order, covers = ledger.order, ledger.cancelled_covers
    if not covers:
        return ledger
    sources = await allocations.sources(tx, order.tenant, list(covers))
    for cover, units in covers.items():
        await _list(tx, order, cover, units, sources.get(cover, []))
    return ledger.with_freed(unit.id for units in covers.values() for unit in units)


async def _list(tx: Tx, order: Order, cover: UUID, units: Sequence[Unit], sources: Sequence[tuple[UUID, int]]) -> None:
    """List each receipt with its part; money of which none is known is listed without one, for staff to pay back."""
    amount = sum(unit.gross for unit in units)
    known: list[tuple[UUID | None, int]] = [*sources, (None, amount)]
    for (receipt_id, _), part in zip(known, draw([left for _, left in known], amount), strict=True):
        if not part:
            continue
        cancelled = Reason.ORDER_CANCELLED
        entry = NewEntry(cancelled, part, order.currency, order.id, receipt_id=receipt_id, unit_id=units[0].id)
        await review.add(tx, order.tenant, entry)
        if receipt_id is not None:
            await allocations.free(tx, order.tenant, cover, receipt_id, part)
    log.warning("transferred money waits for review", reason=Reason.ORDER_CANCELLED, order=str(order.id))
