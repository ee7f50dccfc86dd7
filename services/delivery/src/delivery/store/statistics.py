"""Downloads that took place, attempts, and what proves a delivery."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Once, Read

Position = tuple[datetime, UUID]
Period = tuple[datetime | None, datetime | None]
"""From when on and until before when; None: open."""

JOINED = """
from sessions
join grants on grants.tenant = sessions.tenant and grants.id = sessions.grant_id
join orders on orders.tenant = grants.tenant and orders.id = grants.order_id
where sessions.tenant = $1
"""

COMPLETED = f"""
select sessions.completed_at, sessions.id as session, grants.sku, orders.ordered_at, orders.name_profile,
       orders.company_profile, orders.email_profile, sessions.proof
{JOINED}
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


ADD_READING = """
insert into statistics_readings (tenant, reader, shown_as, since, until, read_at)
values ($1, $2, $3, $4, $5, $6)
"""


async def record_reading(once: Once, tenant: str, reader: str, shown_as: str, period: Period) -> None:
    """Record that somebody opens who downloaded within a period."""
    await once.value(ADD_READING, tenant, reader, shown_as, *period, once.now)


ATTEMPTS = f"""
select sessions.started_at, sessions.id as session, grants.sku, orders.id as order_id, orders.number as order_number,
       orders.ordered_at, sessions.file_name, sessions.file_version, sessions.size, sessions.bytes_arrived,
       sessions.requests, sessions.aborts, sessions.last_byte_at,
       exists(
         select 1
         from transfers
         where transfers.tenant = sessions.tenant
           and transfers.session_id = sessions.id
           and transfers.seen_at > clock_timestamp() - interval '10 seconds'
       ) as running
{JOINED}
  and sessions.completed_at is null
  and sessions.started_at is not null
  and ($2::timestamptz is null or (sessions.started_at, sessions.id) < ($2, $3))
order by sessions.started_at desc, sessions.id desc
limit $4
"""  # noqa: S608 -- made of parts of this file


async def attempts(read: Read, tenant: str, after: Position | None, limit: int) -> list[dict[str, Any]]:
    """Return downloads that have begun and are not complete, newest first, behind the given position."""
    return [dict(row) for row in await read.fetch(ATTEMPTS, tenant, *(after or (None, None)), limit)]


PROOF = f"""
select orders.id as order_id, orders.number as order_number, orders.ordered_at, orders.customer_id as customer,
       grants.line_id as line, grants.sku, grants.id as grant_id, sessions.id as session, sessions.file_id as file,
       sessions.file_name, sessions.file_version, sessions.sha256, sessions.size, sessions.bytes_arrived,
       sessions.requests, sessions.aborts, sessions.started_at, sessions.completed_at, sessions.proof
{JOINED}
  and sessions.started_at is not null
"""

OF_ORDER = f"""
{PROOF}
  and grants.order_id = $2
order by sessions.started_at, sessions.id
limit 1000
"""


async def of_order(read: Read, tenant: str, order_id: UUID) -> list[dict[str, Any]]:
    """Return what was fetched of an order."""
    return [dict(row) for row in await read.fetch(OF_ORDER, tenant, order_id)]


OF_CUSTOMER_AND_SKU = f"""
{PROOF}
  and orders.customer_id = $2
  and grants.sku = $3
order by sessions.started_at, sessions.id
limit 1000
"""


async def of_customer_and_sku(read: Read, tenant: str, customer_id: UUID, sku: str) -> list[dict[str, Any]]:
    """Return what a customer fetched of an article."""
    return [dict(row) for row in await read.fetch(OF_CUSTOMER_AND_SKU, tenant, customer_id, sku)]


# of the files that a line's link could ever open, when each was received first
RECEIVED = """
select orders.id as order_id, orders.number as order_number, lines.id as line, lines.sku, files.id as file, files.name,
       (
         select min(sessions.completed_at)
         from sessions
         where sessions.tenant = grants.tenant
           and sessions.grant_id = grants.id
           and sessions.file_id = files.id
       ) as received_at
from orders
join lines on lines.tenant = orders.tenant and lines.order_id = orders.id
left join grants on grants.tenant = lines.tenant and grants.line_id = lines.id
left join files
  on files.tenant = grants.tenant
 and files.sku = grants.sku
 and files.added_at < coalesce(grants.revoked_at, grants.valid_until)
 and (
   files.kept_before is null
   or grants.granted_at < files.kept_before
   or exists(
     select
     from sessions
     where sessions.tenant = grants.tenant
       and sessions.grant_id = grants.id
       and sessions.file_id = files.id
       and sessions.completed_at is not null
   )
 )
where orders.tenant = $1
"""

RECEIVED_OF_ORDER = f"""
{RECEIVED}
  and orders.id = $2
order by lines.id, files.name
"""


async def received_of_order(read: Read, tenant: str, order_id: UUID) -> list[dict[str, Any]]:
    """Return each file of each line of an order, with when it was received; a line without files has one row."""
    return [dict(row) for row in await read.fetch(RECEIVED_OF_ORDER, tenant, order_id)]


RECEIVED_OF_CUSTOMER_AND_SKU = f"""
{RECEIVED}
  and orders.customer_id = $2
  and lines.sku = $3
order by orders.ordered_at, lines.id, files.name
"""


async def received_of_customer_and_sku(read: Read, tenant: str, customer_id: UUID, sku: str) -> list[dict[str, Any]]:
    """Return the same of each line by which a customer bought an article."""
    return [dict(row) for row in await read.fetch(RECEIVED_OF_CUSTOMER_AND_SKU, tenant, customer_id, sku)]
