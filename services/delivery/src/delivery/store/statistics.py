"""Downloads that took place, and attempts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read

from delivery.store import sessions, transfers

Position = tuple[datetime, UUID]
Period = tuple[datetime | None, datetime | None]
"""From when on and until before when; None: open."""

COMPLETED = f"""
select sessions.completed_at, sessions.id as session, grants.sku, orders.ordered_at, orders.name_profile,
       orders.company_profile, orders.email_profile, sessions.proof
{sessions.JOINED}
where sessions.tenant = $1
  and sessions.completed_at is not null
  and ($2::timestamptz is null or sessions.completed_at >= $2)
  and ($3::timestamptz is null or sessions.completed_at < $3)
  and ($4::timestamptz is null or (sessions.completed_at, sessions.id) < ($4, $5))
order by sessions.completed_at desc, sessions.id desc
limit $6
"""


async def completed(
    read: Read, tenant: str, period: Period, after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """Return the completed downloads of a period with the buyer's sealed boxes, newest first, behind the position."""
    return [dict(row) for row in await read.fetch(COMPLETED, tenant, *period, *(after or (None, None)), limit)]


ATTEMPTS = f"""
select sessions.started_at, sessions.id as session, grants.sku, orders.id as "order", orders.number as order_number,
       orders.ordered_at, sessions.file_name, sessions.file_version, sessions.size, sessions.bytes_arrived,
       sessions.requests, sessions.aborts, sessions.last_byte_at,
       {transfers.RUNNING} as running
{sessions.JOINED}
where sessions.tenant = $1
  and sessions.completed_at is null
  and sessions.started_at is not null
  and ($2::timestamptz is null or (sessions.started_at, sessions.id) < ($2, $3))
order by sessions.started_at desc, sessions.id desc
limit $4
"""


async def attempts(read: Read, tenant: str, after: Position | None, limit: int) -> list[dict[str, Any]]:
    """Return downloads that have begun and are not complete, newest first, behind the given position."""
    return [dict(row) for row in await read.fetch(ATTEMPTS, tenant, *(after or (None, None)), limit)]
