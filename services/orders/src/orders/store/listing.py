"""Lists of orders, newest first, a page at a time."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.db import Read


class Of(NamedTuple):
    """Whose orders: of a customer, for an organisation, both, or everybody's where neither is named."""

    customer: UUID | None = None
    organisation: UUID | None = None


NEWEST = """
select id as "order", number, customer_id as customer, organisation_id as organisation, customer_type, channel, market,
       seller, payment_method, currency, net, tax, gross, state, ordered_at, closed_at
from orders
where tenant = $1
  and ($2::uuid is null or customer_id = $2)
  and ($3::text is null or state = $3)
  and ($4::timestamptz is null or (ordered_at, id) < ($4, $5))
order by ordered_at desc, id desc
limit $6
"""

OF_ORGANISATION = """
select id as "order", number, customer_id as customer, organisation_id as organisation, customer_type, channel, market,
       seller, payment_method, currency, net, tax, gross, state, ordered_at, closed_at
from orders
where tenant = $1
  and organisation_id = $7
  and ($2::uuid is null or customer_id = $2)
  and ($3::text is null or state = $3)
  and ($4::timestamptz is null or (ordered_at, id) < ($4, $5))
order by ordered_at desc, id desc
limit $6
"""

OF_NUMBER = """
select id as "order", number, customer_id as customer, organisation_id as organisation, customer_type, channel, market,
       seller, payment_method, currency, net, tax, gross, state, ordered_at, closed_at
from orders
where tenant = $1
  and upper(number) = upper($2)
  and ($3::uuid is null or customer_id = $3)
  and ($4::text is null or state = $4)
  and ($5::timestamptz is null or (ordered_at, id) < ($5, $6))
  and ($8::uuid is null or organisation_id = $8)
order by ordered_at desc, id desc
limit $7
"""


async def of_number(
    read: Read,
    tenant: str,
    number: str,
    of: Of,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return orders of this number, in capitals or not: each seller of a tenant may have one."""
    before = after or (None, None)
    found = await read.fetch(OF_NUMBER, tenant, number, of.customer, state, *before, limit, of.organisation)
    return [dict(row) for row in found]


async def newest(
    read: Read,
    tenant: str,
    of: Of,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return orders before this one, at most `limit`."""
    before = after or (None, None)
    asked = (tenant, of.customer, state, *before, limit)
    if of.organisation is not None:
        return [dict(row) for row in await read.fetch(OF_ORGANISATION, *asked, of.organisation)]
    return [dict(row) for row in await read.fetch(NEWEST, *asked)]
