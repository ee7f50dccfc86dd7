"""Downloads that took place, attempts, and what proves a delivery."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

COMPLETED = """
select sessions.completed_at, sessions.session, grants.sku, orders.ordered_at, orders.name_profile,
       orders.company_profile, orders.email_profile
from sessions
join grants on grants.tenant = sessions.tenant and grants.grant_id = sessions.grant_id
join orders on orders.tenant = grants.tenant and orders.order_id = grants.order_id
where sessions.tenant = $1
  and sessions.completed_at is not null
  and ($2::timestamptz is null or sessions.completed_at >= $2)
  and ($3::timestamptz is null or (sessions.completed_at, sessions.session) < ($3, $4))
order by sessions.completed_at desc, sessions.session desc
limit $5
"""

ATTEMPTS = """
select sessions.started_at, sessions.session, grants.sku, orders.order_id, orders.order_number, orders.ordered_at,
       sessions.file_name, sessions.file_version, sessions.size, sessions.bytes_arrived, sessions.requests,
       sessions.aborts, sessions.last_byte_at, exists(
         select 1
         from transfers
         where transfers.tenant = sessions.tenant
           and transfers.session = sessions.session
           and transfers.seen_at > clock_timestamp() - interval '10 seconds'
       ) as running
from sessions
join grants on grants.tenant = sessions.tenant and grants.grant_id = sessions.grant_id
join orders on orders.tenant = grants.tenant and orders.order_id = grants.order_id
where sessions.tenant = $1
  and sessions.completed_at is null
  and sessions.started_at is not null
  and ($2::timestamptz is null or (sessions.started_at, sessions.session) < ($2, $3))
order by sessions.started_at desc, sessions.session desc
limit $4
"""

PROOF = """
select grants.order_id, orders.order_number, orders.ordered_at, orders.customer, grants.line, grants.sku,
       grants.grant_id, sessions.session, sessions.file, sessions.file_name, sessions.file_version, sessions.sha256,
       sessions.size, sessions.bytes_arrived, sessions.requests, sessions.aborts, sessions.started_at,
       sessions.completed_at
from sessions
join grants on grants.tenant = sessions.tenant and grants.grant_id = sessions.grant_id
join orders on orders.tenant = grants.tenant and orders.order_id = grants.order_id
where sessions.tenant = $1
  and sessions.started_at is not null
"""

OF_ORDER = (
    PROOF
    + """
  and grants.order_id = $2
order by sessions.started_at, sessions.session
limit 1000
"""
)

OF_CUSTOMER_AND_SKU = (
    PROOF
    + """
  and orders.customer = $2
  and grants.sku = $3
order by sessions.started_at, sessions.session
limit 1000
"""
)

Place = tuple[datetime, UUID]


async def completed(
    tx: Tx, tenant: str, since: datetime | None, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Completed downloads with the buyer's sealed boxes, newest first, behind the given place."""
    return [dict(row) for row in await tx.fetch(COMPLETED, tenant, since, *(after or (None, None)), limit)]


async def attempts(tx: Tx, tenant: str, after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Downloads that have begun and are not complete, newest first, behind the given place."""
    return [dict(row) for row in await tx.fetch(ATTEMPTS, tenant, *(after or (None, None)), limit)]


async def of_order(tx: Tx, tenant: str, order: UUID) -> list[dict[str, Any]]:
    """What was fetched of an order."""
    return [dict(row) for row in await tx.fetch(OF_ORDER, tenant, order)]


async def of_customer_and_sku(tx: Tx, tenant: str, customer: UUID, sku: str) -> list[dict[str, Any]]:
    """What a customer fetched of an article."""
    return [dict(row) for row in await tx.fetch(OF_CUSTOMER_AND_SKU, tenant, customer, sku)]
