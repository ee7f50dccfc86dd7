"""What the suite has acknowledged: each answer is a promise that must be kept at the end."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import asyncpg

ORDERS = """
select order_id, count(*) as units, count(paid_at) as paid, count(refunded_at) as refunded,
       count(*) filter (where fulfilment = 'download' and delivered_at is null and refunded_at is null) as undelivered
from units
where tenant = $1
  and order_id = any($2::uuid[])
group by order_id
"""

MEETINGS = """
select meeting_id
from reports
where tenant = $1
  and meeting_id = any($2::uuid[])
"""
BATCH = 1000


@dataclass(slots=True)
class Promise:
    """An order that was acknowledged: how many units it has, whether it was paid, and how many were refunded."""

    order: str
    units: int
    paid: bool = False
    refunded: int = 0


@dataclass(slots=True)
class Promises:
    """Everything that was acknowledged, and how often requests failed, by reason."""

    orders: dict[str, Promise] = field(default_factory=dict[str, Promise])
    meetings: set[str] = field(default_factory=set[str])
    counts: Counter[str] = field(default_factory=Counter[str])

    def summary(self) -> str:
        """Return what was promised, in one line."""
        promised = self.orders.values()
        paid, refunded = sum(order.paid for order in promised), sum(order.refunded > 0 for order in promised)
        return f"{len(promised)} orders, {paid} paid, {refunded} refunded, {len(self.meetings)} meetings"

    async def broken(self, databases: dict[str, str], tenant: str) -> list[str]:
        """Return a sentence for each promise that was not kept."""
        rows_by_order: dict[str, Any] = {}
        keys = list(self.orders)
        connection = await asyncpg.connect(databases["orders"])
        try:
            for first in range(0, len(keys), BATCH):
                rows = await connection.fetch(ORDERS, tenant, keys[first : first + BATCH])
                rows_by_order |= {str(row["order_id"]): row for row in rows}
        finally:
            await connection.close()
        broken = [words for key in keys for words in _faults(self.orders[key], rows_by_order.get(key))]
        return broken + await self._lost_meetings(databases["rewards"], tenant)

    async def _lost_meetings(self, url: str, tenant: str) -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(MEETINGS, tenant, list(self.meetings))
        finally:
            await connection.close()
        return [f"meeting {meeting} is lost" for meeting in sorted(self.meetings - {str(row[0]) for row in rows})]


def _faults(promise: Promise, row: Any) -> list[str]:
    if row is None:
        return [f"order {promise.order} is lost"]
    faults: list[str] = []
    if row["units"] != promise.units:
        faults.append(f"order {promise.order} has {row['units']} units instead of {promise.units}")
    if promise.paid and row["paid"] != promise.units:
        faults.append(f"order {promise.order} was paid, and {row['paid']} of {promise.units} units are")
    # boxes are sent by staff, which the load does not do
    if promise.paid and row["undelivered"]:
        faults.append(f"order {promise.order} was paid, and {row['undelivered']} units are not delivered")
    if row["refunded"] != promise.refunded:
        faults.append(f"order {promise.order} has {row['refunded']} refunded units instead of {promise.refunded}")
    return faults
