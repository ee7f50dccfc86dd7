"""Transferred money whose units turn out cancelled: it pays them no more and waits for a human."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from chassis.db import Tx

from payments.domain.ledger import Ledger
from payments.domain.orders import Order, Unit
from payments.domain.payments import Reason
from payments.domain.statements import draw
from payments.store import allocations, orders, review

log = structlog.get_logger(__name__)


async def free(tx: Tx, ledger: Ledger) -> Ledger:
    """Put the transferred money of cancelled units on the list, once: they have none afterwards.

    A card payment waits there as a whole, whichever units it covers.
    """
    order = ledger.order
    freed = ledger.freed
    if not freed:
        return ledger
    sources = await allocations.sources(tx, order.tenant, list(freed))
    for cover, units in freed.items():
        await _list(tx, order, cover, units, sources.get(cover, []))
    names = [unit.unit for units in freed.values() for unit in units]
    orders.uncover(tx, order.tenant, order.order, names)
    return ledger.with_freed(names)


async def _list(tx: Tx, order: Order, cover: UUID, units: Sequence[Unit], sources: Sequence[tuple[UUID, int]]) -> None:
    """Each credit waits with its part; what none is known for waits without one, for staff to pay back."""
    amount = sum(unit.gross for unit in units)
    known: list[tuple[UUID | None, int]] = [*sources, (None, amount)]
    for (receipt, _), part in zip(known, draw([left for _, left in known], amount), strict=True):
        if not part:
            continue
        facts = {"order": order.order, "receipt": receipt, "unit": units[0].unit}
        await review.add(tx, order.tenant, Reason.ORDER_CANCELLED, part, order.currency, **facts)
        if receipt is not None:
            allocations.free(tx, order.tenant, cover, receipt, part)
    log.warning("transferred money waits for review", reason=Reason.ORDER_CANCELLED, order=str(order.order))
