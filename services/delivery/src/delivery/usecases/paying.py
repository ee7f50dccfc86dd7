"""Lines that were paid elsewhere, in a landscape that says so by HTTP and not by events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

from delivery.domain.grants import Line, LineDiffers
from delivery.domain.orders import Order
from delivery.store import facts, lines
from delivery.usecases import granting


@dataclass(frozen=True, slots=True)
class Paid:
    """A paid line: what `OrderPaid` says of it, as far as delivery needs it."""

    order: Order
    line: UUID
    sku: str
    name: str
    units: list[UUID]
    link_validity_days: int
    download_limit: int
    deliver_from: datetime | None

    @property
    def fact(self) -> dict[str, object]:
        """The same in the words of the event."""
        line = {
            "line": self.line,
            "sku": self.sku,
            "name": self.name,
            "fulfilment": "download",
            "units": self.units,
            "link_validity_days": self.link_validity_days,
            "download_limit": self.download_limit,
            "deliver_from": self.deliver_from,
        }
        return {
            "tenant": self.order.tenant,
            "order": self.order.id,
            "channel": self.order.channel,
            "market": self.order.market,
            "seller": self.order.seller,
            "order_number": self.order.number,
            "ordered_at": self.order.ordered_at,
            "customer": self.order.customer_id,
            "language": self.order.language,
            "keys": {"contact": self.order.contact},
            "lines": [line],
        }


async def take(tx: Tx, paid: Paid) -> Line:
    """Record a paid line and grant what follows, as if `OrderPaid` had come; the same again changes nothing.

    More units join a line. Raises LineDiffers where it is known with another order or article, and ContactBroken.
    """
    key = (paid.order.tenant, paid.order.id)
    await facts.record_line(tx, paid.fact)
    await granting.conclude(tx, {key: None})
    for line in await lines.of_orders(tx, [key]):
        if line.id == paid.line and line.sku == paid.sku:
            tx.audit("line", line.id, after={"sku": line.sku, "units": len(line.live)})
            return line
    raise LineDiffers
