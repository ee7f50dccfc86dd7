"""What orders knows of a customer, for an export."""

from chassis.db import Tx
from chassis.exporting import Share, parsed, records
from contracts.exports import DataExportRequested

ORDERS = """
select id as order, number, channel, market, seller, placed -> 'seller_details' ->> 'legal_name' as seller_name,
       customer_type, organisation_id as organisation, payment_method, placed ->> 'coupon' as coupon, currency, net,
       tax, gross, ordered_at, lapses_at,
       withdrawal_end, confirmed_at, closed_at, contact_until, state, placed ->> 'language' as language,
       placed ->> 'tax_country' as tax_country, placed -> 'tax_evidence' as tax_evidence,
       (placed -> 'terms') - 'withdrawal_notice' as terms,
       placed -> 'name_contact' as name, placed -> 'email_contact' as email, placed -> 'company_records' as company,
       placed -> 'vat_id_records' as vat_id, placed -> 'purchase_number_records' as purchase_number,
       placed -> 'billing_address_records' as billing_address,
       (
         select address
         from shipping_addresses
         where shipping_addresses.tenant = orders.tenant
           and shipping_addresses.order_id = orders.id
       ) as shipping_address
from orders
where tenant = $1
  and customer_id = $2
order by ordered_at, id
"""

LINES = """
select lines.order_id as order, lines.id as line, lines.position, lines.details ->> 'sku' as sku,
       lines.details ->> 'name' as name, lines.details -> 'price' as price, lines.details -> 'discount' as discount,
       lines.details -> 'tax_rate' as tax_rate, lines.details -> 'net' as net, lines.details -> 'tax' as tax,
       lines.details -> 'gross' as gross, lines.details ->> 'fulfilment' as fulfilment,
       nullif(lines.details -> 'delivery_days', 'null') as delivery_days, lines.deliver_from, lines.link_until
from orders
join lines on lines.tenant = orders.tenant and lines.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by orders.ordered_at, orders.id, lines.position
"""

UNITS = """
select units.order_id as order, units.line_id as line, units.id as unit, units.gross, units.fulfilment, units.paid_at,
       units.delivered_at, units.bounced_at, units.given_up_at, units.refunded_at, units.cancelled_at, units.granted_at
from orders
join units on units.tenant = orders.tenant and units.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by orders.ordered_at, orders.id, units.position, units.id
"""

CONSENTS = """
select consents.order_id as order, consents.kind, consents.version, consents.language, consents.text, consents.given_at
from orders
join consents on consents.tenant = orders.tenant and consents.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by orders.ordered_at, orders.id, consents.kind
"""

REFUNDS = """
select refunds.order_id as order, refunds.id as refund, refunds.unit_ids as units, refunds.reason, refunds.amount,
       refunds.refunded_at
from orders
join refunds on refunds.tenant = orders.tenant and refunds.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by refunds.refunded_at, refunds.id
"""

SHIPMENTS = """
select shipments.order_id as order, shipments.id as shipment, shipments.unit_ids as units, shipments.carrier,
       shipments.tracking as tracking_number, shipments.shipped_at
from orders
join shipments on shipments.tenant = orders.tenant and shipments.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by shipments.shipped_at, shipments.id
"""

REPAYMENTS = """
select repayments.order_id as order, repayments.id as repayment, repayments.amount, repayments.currency,
       repayments.unit_ids as units
from orders
join repayments on repayments.tenant = orders.tenant and repayments.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by orders.ordered_at, repayments.id
"""

WITHDRAWALS = """
select withdrawals.order_id as order, withdrawals.id as withdrawal, withdrawals.declared_at, withdrawals.lines
from orders
join withdrawals on withdrawals.tenant = orders.tenant and withdrawals.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by withdrawals.declared_at, withdrawals.id
"""

LAST_ADDRESSES = """
select address, ordered_at
from last_addresses
where tenant = $1
  and customer_id = $2
order by ordered_at, whom
"""

AGREED = dict.fromkeys(
    [
        *("name", "email", "company", "vat_id", "purchase_number", "billing_address", "tax_evidence", "terms"),
    ],
    parsed,
)
AMOUNTS = dict.fromkeys(["price", "discount", "tax_rate", "net", "tax", "gross", "delivery_days"], parsed)


async def of_customer(tx: Tx, requested: DataExportRequested) -> Share:
    """Return a customer's orders, with what was agreed and what became of each unit."""
    of = (requested.tenant, requested.customer)
    return Share(
        {
            "orders": records(await tx.fetch(ORDERS, *of), **AGREED, shipping_address=parsed),
            "lines": records(await tx.fetch(LINES, *of), **AMOUNTS),
            "units": records(await tx.fetch(UNITS, *of)),
            "consents": records(await tx.fetch(CONSENTS, *of)),
            "refunds": records(await tx.fetch(REFUNDS, *of)),
            "shipments": records(await tx.fetch(SHIPMENTS, *of), tracking_number=parsed),
            "repayments": records(await tx.fetch(REPAYMENTS, *of)),
            "last_addresses": records(await tx.fetch(LAST_ADDRESSES, *of), address=parsed),
            "withdrawals": records(await tx.fetch(WITHDRAWALS, *of), lines=parsed),
        },
        ["Who decided about a refund is not named; the seller is named by its legal name."],
    )
