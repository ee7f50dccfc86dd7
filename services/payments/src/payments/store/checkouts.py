"""Opening a checkout: each step is one statement that commits by itself, for between them the provider is called."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Once
from pydantic import TypeAdapter

from payments.domain.orders import Order
from payments.domain.provider import Checkout, HostedPage

CHECKOUT = TypeAdapter(Checkout)

# Whoever was first since the order was read has named another payment. An erased customer is not asked for any more.
BEGIN = """
with customer as (
  insert into customers (tenant, id, provider_asked_at)
  values ($1, $2, $3)
  on conflict (tenant, id) do update
  set provider_asked_at = case when customers.deletion_requested_at is null
                               then coalesce(customers.provider_asked_at, excluded.provider_asked_at)
                               else customers.provider_asked_at end
  returning keep_data, provider_customer_id, deletion_requested_at is not null as erased
),
latest as (
  update orders
  set checkout_payment_id = $5
  where tenant = $1
    and id = $4
    and checkout_payment_id is not distinct from $6
  returning id, number, gross, currency, language
),
payment as (
  insert into payments (tenant, id, order_id, amount, currency, opened_at, saves_card)
  select $1, $5, latest.id, latest.gross, latest.currency, $3, $7 and customer.keep_data
  from latest
  cross join customer
  on conflict (tenant, id) do update
  set saves_card = payments.saves_card or excluded.saves_card and payments.session_id is null
)
select json_build_object(
  'tenant', $1,
  'payment_id', $5,
  'order_id', latest.id,
  'order_number', latest.number,
  'amount', latest.gross,
  'currency', latest.currency,
  'language', latest.language,
  'customer_id', $2,
  'provider_customer_id', customer.provider_customer_id,
  'saves_card', $7 and customer.keep_data,
  'customer_erased', customer.erased
)::text
from latest
cross join customer
"""


async def begin(once: Once, order: Order, payment_id: UUID, *, save_card: bool) -> Checkout | None:
    """Keep for which payment a checkout is opened, and that the provider may get to know the customer.

    None where another checkout has begun since the order was read.
    """
    wanted = order.id, payment_id, order.checkout_payment_id, save_card
    begun = await once.value(BEGIN, order.tenant, order.customer_id, once.now, *wanted)
    return None if begun is None else CHECKOUT.validate_json(begun)


MEET = """
update customers
set provider_customer_id = $3,
    deleted_at = null
where tenant = $1
  and id = $2
"""


async def meet(once: Once, checkout: Checkout, provider_customer_id: str) -> None:
    """Keep the provider's id of a customer; one who was erased meanwhile is to be deleted there again."""
    await once.value(MEET, checkout.tenant, checkout.customer_id, provider_customer_id)


# The lock first: whoever cancels or pays the order sees the page, or is seen here. A page of an order that was
# cancelled, or paid by transfer, meanwhile is inquired about at once, which closes it again.
OPENED = """
with locked as (
  select cancelled_units = '{}' and not transferred as payable
  from order_locks
  where tenant = $1
    and order_id = $2
  for update
)
update payments
set session_id = $4,
    url = $5,
    inquire_at = case when locked.payable then $6::timestamptz else $7::timestamptz end
from locked
where tenant = $1
  and id = $3
  and session_id is null
"""


async def opened(once: Once, checkout: Checkout, page: HostedPage, inquire_after: timedelta) -> None:
    """Record that the customer can pay; of two pages the first counts."""
    times = once.now + inquire_after, once.now
    await once.value(OPENED, checkout.tenant, checkout.order_id, checkout.payment_id, page.session_id, page.url, *times)
