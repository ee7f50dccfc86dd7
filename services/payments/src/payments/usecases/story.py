"""What every event about an order carries, said in the order's own trace."""

from chassis.db import Tx
from chassis.telemetry.traces import span
from contracts.event import Event
from contracts.shared import SaleHeader

from payments.domain.orders import Order


def header(order: Order) -> SaleHeader:
    """What every event of this order carries."""
    return SaleHeader(
        tenant=order.tenant,
        channel=order.channel,
        market=order.market,
        seller=order.seller,
        order=order.order,
        order_number=order.number,
        ordered_at=order.ordered_at,
    )


def tell(tx: Tx, order: Order, event: Event, traceparent: str | None = None) -> None:
    """Say it in the order's trace, which the provider's page and the bank's statement do not carry."""
    with span(f"say {event.DECLARED.topic}", traceparent=traceparent or order.traceparent):
        tx.publish(event)
