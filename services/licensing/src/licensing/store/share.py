"""What licensing knows of a customer, for an export; keys are not in it."""

from chassis.db import Tx
from chassis.exporting import Share, parsed, records
from contracts.exports import DataExportRequested

ORDERS = """
select id as order, order_number as number, channel, market, seller, ordered_at
from orders
where tenant = $1
  and customer_id = $2
order by ordered_at, id
"""

LICENSES = """
select units.order_id as order, units.line_id as line, units.id as unit, units.license_id as license, units.sku,
       units.key_source, units.keys_per, units.state, units.paid_at, units.release_at, units.issued_at,
       units.revoked_at, units.tail as last_characters
from orders
join units on units.tenant = orders.tenant and units.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by units.paid_at, units.order_id, units.position, units.id
"""


DEVICES = """
select activations.order_id as order, activations.license_id as license, activations.name, activations.activated_at,
       activations.seen_at, activations.ended_at, activations.ended_by
from orders
join activations on activations.tenant = orders.tenant and activations.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by activations.activated_at, activations.id
"""


async def of_customer(tx: Tx, requested: DataExportRequested) -> Share:
    """Return a customer's licences, of each key its last characters, and the devices on which they were active."""
    of = (requested.tenant, requested.customer)
    return Share(
        {
            "orders": records(await tx.fetch(ORDERS, *of)),
            "licenses": records(await tx.fetch(LICENSES, *of)),
            "devices": records(await tx.fetch(DEVICES, *of), name=parsed),
        },
        ["Licence keys are left out; the account shows them."],
    )
