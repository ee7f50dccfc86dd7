"""What becomes of paid lines: released, delivered, shipped; and when the order is closed."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.mail_relay import EmailSent
from contracts.orders import Consent, ConsentKind, DeliveryReleased

from orders.domain.order import OrderUnknown, dated, shippable
from orders.domain.withdrawal import BOTH, ConsentIncomplete
from orders.store import consents, orders
from orders.usecases.progress import conclude, header, locked


async def record_delivery(tx: Tx, sent: EmailSent, claim_window: timedelta) -> None:
    """Units are delivered when the e-mail that names them was accepted."""
    if not sent.units:
        return
    order = await locked(tx, sent.tenant, sent.order)
    conclude(tx, order, dated(order.units, sent.units, "delivered_at", sent.sent_at), claim_window)


async def record_link(tx: Tx, link: DownloadGranted | DownloadExtended, claim_window: timedelta) -> None:
    """The customer must be reachable for as long as a link lives."""
    sequence = tx.cause.sequence or 0 if tx.cause is not None else 0
    found = await orders.set_link(tx, link.tenant, link.order, link.line, link.valid_until, sequence)
    if found is not orders.Link.KEPT:
        order = await locked(tx, link.tenant, link.order)
        if found is orders.Link.KEPT_OF_CLOSED:
            conclude(tx, order, order.units, claim_window)


async def ship(tx: Tx, tenant: str, order_id: UUID, units: Sequence[UUID], claim_window: timedelta) -> None:
    """Staff has posted these boxed units."""
    order = await locked(tx, tenant, order_id)
    posted = [unit.unit for unit in shippable(order.units, units)]
    conclude(tx, order, dated(order.units, posted, "delivered_at", tx.now), claim_window)


async def consent_later(
    tx: Tx, tenant: str, customer: UUID, order_id: UUID, given: Sequence[tuple[ConsentKind, str]]
) -> None:
    """The customer asks for immediate delivery after all: with both statements, waiting lines are released now."""
    order = await locked(tx, tenant, order_id)
    placed = order.placed
    if placed.customer != customer:
        raise OrderUnknown
    texts = await consents.current(tx, placed.language)
    if not {str(kind) for kind, _ in given} >= BOTH or any(texts[kind][0] != version for kind, version in given):
        raise ConsentIncomplete
    statements = [
        Consent(kind=kind, text=texts[kind][1], version=version, language=placed.language, given_at=tx.now)
        for kind, version in given
    ]
    await consents.add(tx, tenant, order_id, statements)
    released = await orders.release(tx, tenant, order_id, [line.line for line in order.lines], tx.now)
    if released:
        tx.publish(DeliveryReleased(**header(placed), lines=released, deliver_from=tx.now))
