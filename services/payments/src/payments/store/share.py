"""What payments knows of a customer, for an export; no address of a checkout is in it."""

from chassis.db import Tx
from chassis.exporting import Share, records
from contracts.exports import DataExportRequested

CUSTOMER = """
select keep_data, provider_customer_id, provider_asked_at, deletion_requested_at, deleted_at
from customers
where tenant = $1
  and id = $2
"""

ORDERS = """
select id as order, number, channel, market, seller_id as seller, payment_method, currency, gross, ordered_at,
       pay_until, reference, requested_at
from orders
where tenant = $1
  and customer_id = $2
order by ordered_at, id
"""

PAYMENTS = """
select payments.order_id as order, payments.id as payment, payments.amount, payments.currency, payments.opened_at,
       payments.intent_id as provider_payment, payments.authorized_at, payments.declined_at, payments.failed_at,
       payments.expired_at, payments.captured_at, payments.captured_amount, payments.captured_currency
from orders
join payments on payments.tenant = orders.tenant and payments.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by payments.opened_at, payments.id
"""

TRANSFERS = """
select distinct orders.id as order, receipts.id as transfer, receipts.amount, receipts.currency, receipts.booked_on
from orders
join units on units.tenant = orders.tenant and units.order_id = orders.id
left join allocations on allocations.tenant = units.tenant and allocations.id = units.covered_by
join receipts on receipts.tenant = units.tenant
             and receipts.id = coalesce(allocations.receipt_id, units.covered_by)
where orders.tenant = $1
  and orders.customer_id = $2
order by booked_on, transfer
"""

REFUNDS = """
select refunds.order_id as order, refunds.id as refund, refunds.amount, refunds.currency, refunds.state,
       refunds.unit_ids as units, refunds.reference, refunds.decided_at
from orders
join refunds on refunds.tenant = orders.tenant and refunds.order_id = orders.id
where orders.tenant = $1
  and orders.customer_id = $2
order by refunds.decided_at, refunds.id
"""

REPAYMENTS = """
select payments.order_id as order, repayments.id as repayment, repayments.refund_id as refund, repayments.amount,
       repayments.currency, repayments.status, repayments.published_at
from orders
join payments on payments.tenant = orders.tenant and payments.order_id = orders.id
join repayments on repayments.tenant = payments.tenant and repayments.payment_id = payments.id
where orders.tenant = $1
  and orders.customer_id = $2
order by repayments.id
"""

DISPUTES = """
select payments.order_id as order, disputes.public_id as dispute, disputes.amount, disputes.currency, disputes.status,
       disputes.opened_at
from orders
join payments on payments.tenant = orders.tenant and payments.order_id = orders.id
join disputes on disputes.tenant = payments.tenant and disputes.payment_id = payments.id
where orders.tenant = $1
  and orders.customer_id = $2
order by disputes.opened_at, disputes.id
"""


async def of_customer(tx: Tx, requested: DataExportRequested) -> Share:
    """Return what a customer has paid and been paid back, by card or transfer."""
    of = (requested.tenant, requested.customer)
    return Share(
        {
            "account": records(await tx.fetch(CUSTOMER, *of)),
            "orders": records(await tx.fetch(ORDERS, *of)),
            "payments": records(await tx.fetch(PAYMENTS, *of)),
            "transfers": records(await tx.fetch(TRANSFERS, *of)),
            "refunds": records(await tx.fetch(REFUNDS, *of)),
            "repayments": records(await tx.fetch(REPAYMENTS, *of)),
            "disputes": records(await tx.fetch(DISPUTES, *of)),
        },
        [
            "Numbers of cards are known to the payment provider alone.",
            "Who has transferred money is left out, for it may be somebody else.",
        ],
    )
