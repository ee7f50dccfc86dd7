"""What the suite has answered: each of it is a promise that must be kept at the end."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import asyncpg

KNOWN = """
select order_id, count(*) as units, count(paid_at) as paid, count(refunded_at) as refunded,
       count(*) filter (where fulfilment = 'download' and delivered_at is null and refunded_at is null) as undelivered
from units
where tenant = $1
  and order_id = any($2::uuid[])
group by order_id
"""

MEETINGS = """
select meeting
from reports
where tenant = $1
  and meeting = any($2::uuid[])
"""
BATCH = 1000


@dataclass(slots=True)
class Promise:
    """An order that was acknowledged: its units, whether its money was taken, and which units were taken back."""

    order: str
    units: int
    paid: bool = False
    refunded: int = 0


@dataclass(slots=True)
class Promises:
    """Everything that was acknowledged, and how often it took more than one attempt."""

    orders: dict[str, Promise] = field(default_factory=dict[str, Promise])
    meetings: set[str] = field(default_factory=set[str])
    counts: Counter[str] = field(default_factory=Counter[str])

    def told(self) -> str:
        """What was promised, in one line."""
        promised = self.orders.values()
        paid, refunded = sum(known.paid for known in promised), sum(known.refunded > 0 for known in promised)
        return f"{len(promised)} orders, {paid} paid, {refunded} refunded, {len(self.meetings)} meetings"

    async def broken(self, databases: dict[str, str], tenant: str) -> list[str]:
        """Every promise that was not kept, in words; empty where all were."""
        found: dict[str, Any] = {}
        keys = list(self.orders)
        connection = await asyncpg.connect(databases["orders"])
        try:
            for first in range(0, len(keys), BATCH):
                rows = await connection.fetch(KNOWN, tenant, keys[first : first + BATCH])
                found |= {str(row["order_id"]): row for row in rows}
        finally:
            await connection.close()
        broken = [words for key in keys for words in _faults(self.orders[key], found.get(key))]
        return broken + await self._lost_meetings(databases["rewards"], tenant)

    async def _lost_meetings(self, url: str, tenant: str) -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(MEETINGS, tenant, list(self.meetings))
        finally:
            await connection.close()
        return [f"meeting {meeting} is lost" for meeting in sorted(self.meetings - {str(row[0]) for row in rows})]


def _faults(promise: Promise, known: Any) -> list[str]:
    if known is None:
        return [f"order {promise.order} is lost"]
    faults: list[str] = []
    if known["units"] != promise.units:
        faults.append(f"order {promise.order} has {known['units']} units instead of {promise.units}")
    if promise.paid and known["paid"] != promise.units:
        faults.append(f"order {promise.order} was paid, and {known['paid']} of {promise.units} units are")
    # boxes are posted by staff, whom the load does not play
    if promise.paid and known["undelivered"]:
        faults.append(f"order {promise.order} was paid, and {known['undelivered']} units are not delivered")
    if known["refunded"] != promise.refunded:
        faults.append(f"order {promise.order} has {known['refunded']} refunded units instead of {promise.refunded}")
    return faults
