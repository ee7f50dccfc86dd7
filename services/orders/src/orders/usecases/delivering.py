"""What staff and customers do about the delivery of paid lines."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from contracts.orders import Consent, ConsentKind, DeliveryReleased

from orders.domain.order import OrderUnknown
from orders.domain.unit import shippable
from orders.domain.withdrawal import BOTH, ConsentIncomplete
from orders.store import consents, orders, shipping
from orders.usecases.changing import Change, conclude, lock


async def ship(tx: Tx, tenant: str, order_id: UUID, unit_ids: Sequence[UUID]) -> None:
    """Record that staff has posted these boxed units; raises OrderUnknown, NotShippable."""
    stored = await lock(tx, tenant, order_id)
    posted = [unit.id for unit in shippable(stored.order.units, unit_ids)]
    await conclude(tx, [Change(stored, stored.order.dated(posted, "delivered_at", tx.now))])
    tx.audit("order", order_id, after={"posted": posted, "to": await shipping.find(tx, tenant, order_id)})


async def consent_later(
    tx: Tx, tenant: str, customer_id: UUID, order_id: UUID, given: Sequence[tuple[ConsentKind, str]]
) -> None:
    """Release waiting lines now, because the customer asks for it with both statements (ORD-7).

    Where nothing waits any more, nothing is stated either.
    Raises OrderUnknown, and ConsentIncomplete unless both are given in the wording that is valid now.
    """
    stored = await lock(tx, tenant, order_id)
    placed = stored.placed
    if placed.customer != customer_id:
        raise OrderUnknown
    texts = (await consents.current(tx, placed.language)).shown
    if not {str(kind) for kind, _ in given} >= BOTH or any(texts[kind][0] != version for kind, version in given):
        raise ConsentIncomplete
    statements = [
        Consent(kind=kind, text=texts[kind][1], version=version, language=placed.language, given_at=tx.now)
        for kind, version in given
    ]
    released = await orders.release(tx, tenant, order_id, tx.now)
    if released:
        await consents.add(tx, tenant, order_id, statements)
        tx.publish(DeliveryReleased(**placed.header, lines=released, deliver_from=tx.now, consents=statements))
