"""What letters knows of a customer, for an export; links and keys are masked in its copies."""

from chassis.db import Tx
from chassis.exporting import Share, parsed, records
from contracts.exports import DataExportRequested

ADDRESS = """
select email_box as email
from addresses
where tenant = $1
  and contact_key_id = $2
"""

ORDERS = """
select id as order, number, channel, market, seller, ordered_at, name_box as name, email_box as email,
       shipping_box as shipping_address
from orders
where tenant = $1
  and contact_key_id = $2
order by ordered_at, id
"""

LETTERS = """
select emails.order_id as order, emails.id as email, emails.kind, emails.sequence, emails.state, emails.created_at,
       emails.settled_at, emails.unit_ids as units, emails.sealed_copy as content
from orders
join emails on emails.tenant = orders.tenant and emails.order_id = orders.id
where orders.tenant = $1
  and orders.contact_key_id = $2
order by emails.created_at, emails.order_id, emails.sequence
"""

NOTIFICATIONS = """
select id as email, about, subject, state, written_at, settled_at, name_box as name, email_box as email_address
from notifications
where tenant = $1
  and contact_key_id = $2
order by written_at, id
"""


async def of_customer(tx: Tx, requested: DataExportRequested) -> Share:
    """Return the letters to a customer, whom this service knows by the key of their address alone."""
    of = (requested.tenant, requested.contact)
    return Share(
        {
            "addresses": records(await tx.fetch(ADDRESS, *of), email=parsed),
            "orders": records(await tx.fetch(ORDERS, *of), name=parsed, email=parsed, shipping_address=parsed),
            "letters": records(await tx.fetch(LETTERS, *of), content=parsed),
            "notifications": records(await tx.fetch(NOTIFICATIONS, *of), name=parsed, email_address=parsed),
        },
        ["Links and keys are masked in the copies of letters; of letters that carry codes no copies are kept."],
    )
