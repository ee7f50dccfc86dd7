"""What delivery knows of a customer, for an export; secrets of links are not in it."""

from chassis.db import Tx
from chassis.exporting import Share, parsed, records
from contracts.exports import DataExportRequested

ORDERS = """
select id as order, number, channel, market, seller, ordered_at, language, name_profile as name, email_profile as email,
       company_profile as company
from orders
where tenant = $1
  and customer_id = $2
order by ordered_at, id
"""

LINES = """
select lines.order_id as order, lines.id as line, lines.sku, lines.name, lines.link_validity_days,
       lines.download_limit, lines.not_before, lines.waiting
from orders
join lines on lines.tenant = orders.tenant and lines.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by orders.ordered_at, orders.id, lines.id
"""

GRANTS = """
select grants.order_id as order, grants.line_id as line, grants.id as grant, grants.sku, grants.unit_ids as units,
       grants.link_number, grants.granted_at, grants.valid_until, grants.download_limit, grants.revoked_at,
       grants.reason
from orders
join grants on grants.tenant = orders.tenant and grants.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by grants.granted_at, grants.id
"""

DOWNLOADS = """
select grants.id as grant, sessions.id as download, sessions.link_number, sessions.file_name, sessions.file_version,
       sessions.sha256, sessions.size, sessions.created_at, sessions.started_at, sessions.last_byte_at,
       sessions.completed_at, sessions.proof, sessions.requests, sessions.aborts, sessions.bytes_arrived,
       sessions.served
from orders
join grants on grants.tenant = orders.tenant and grants.order_id = orders.id
join sessions on sessions.tenant = grants.tenant and sessions.grant_id = grants.id
where orders.tenant = $1
  and orders.customer_id = $2
order by sessions.created_at, sessions.id
"""


async def of_customer(tx: Tx, requested: DataExportRequested) -> Share:
    """Return what a customer may download, and each download of theirs."""
    of = (requested.tenant, requested.customer)
    return Share(
        {
            "orders": records(await tx.fetch(ORDERS, *of), name=parsed, email=parsed, company=parsed),
            "lines": records(await tx.fetch(LINES, *of)),
            "grants": records(await tx.fetch(GRANTS, *of)),
            "downloads": records(await tx.fetch(DOWNLOADS, *of)),
        },
        ["The secrets of links are left out; the account shows the links."],
    )
