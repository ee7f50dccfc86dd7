"""What proves that an order or article was received: downloads that were begun, and the files there were."""

from typing import Any
from uuid import UUID

from chassis.db import Read

from delivery.store import sessions

PROOF = f"""
select orders.id as "order", orders.number as order_number, orders.ordered_at, orders.customer_id as customer,
       grants.line_id as line, grants.sku, grants.id as "grant", sessions.id as session, sessions.file_id as file,
       sessions.file_name, sessions.file_version, sessions.sha256, sessions.size, sessions.bytes_arrived,
       sessions.requests, sessions.aborts, sessions.started_at, sessions.completed_at, sessions.proof
{sessions.JOINED}
where sessions.tenant = $1
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
select orders.id as "order", orders.number as order_number, lines.id as line, lines.sku, files.id as file, files.name,
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


# an article has the name under which it was bought last
ARTICLES = """
select distinct on (lines.sku) lines.sku, lines.name
from orders
join lines on lines.tenant = orders.tenant and lines.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by lines.sku, orders.ordered_at desc, lines.id
limit 1000
"""


async def articles_of_customer(read: Read, tenant: str, customer_id: UUID) -> list[dict[str, Any]]:
    """Return the articles of a customer's paid lines, each once."""
    return [dict(row) for row in await read.fetch(ARTICLES, tenant, customer_id)]
