"""Lists of orders, newest first, a page at a time."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.db import Read


class Of(NamedTuple):
    """Whose orders: of a customer, for an organisation, both, or everybody's where neither is named."""

    customer: UUID | None = None
    organisation: UUID | None = None


class Within(NamedTuple):
    """Which of them: in a state, ordered since and before a moment, with paid boxes that are not posted yet."""

    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    to_ship: bool = False


SELECTED = """
select id as "order", number, customer_id as customer, organisation_id as organisation, customer_type, channel, market,
       seller, payment_method, currency, net, tax, gross, state, ordered_at, closed_at,
       array(
         select details ->> 'name'
         from lines l
         where l.tenant = orders.tenant
           and l.order_id = orders.id
         order by position
       ) as names
from orders
"""
# Each condition that is not asked for is true: what is asked for as a rule is a page of the newest.
FILTERED = """
  and ($2::uuid is null or customer_id = $2)
  and ($3::text is null or state = $3)
  and ($4::timestamptz is null or (ordered_at, id) < ($4, $5))
  and ($7::timestamptz is null or ordered_at >= $7)
  and ($8::timestamptz is null or ordered_at < $8)
  and (not $9 or exists (
    select
    from units u
    where u.tenant = orders.tenant
      and u.order_id = orders.id
      and u.fulfilment = 'boxed'
      and u.paid_at is not null
      and u.delivered_at is null
      and u.refunded_at is null
      and u.cancelled_at is null
  ))
order by ordered_at desc, id desc
limit $6
"""

NEWEST = f"""{SELECTED}
where tenant = $1{FILTERED}"""

OF_ORGANISATION = f"""{SELECTED}
where tenant = $1
  and organisation_id = $10{FILTERED}"""

OF_NUMBER = f"""{SELECTED}
where tenant = $1
  and upper(number) = upper($11)
  and ($10::uuid is null or organisation_id = $10){FILTERED}"""


# A range of the index: `like` with a pattern that is not known before reads all of a tenant's.
OF_ENDING = f"""{SELECTED}
where tenant = $1
  and reverse(number) ~>=~ reverse($11)
  and reverse(number) ~<~ (reverse($11) || chr(1114111))
  and ($10::uuid is null or organisation_id = $10){FILTERED}"""


async def of_ending(
    read: Read, tenant: str, digits: str, of: Of, within: Within, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return orders whose number ends in these digits."""
    asked = _asked(tenant, of, within, after, limit)
    return [dict(row) for row in await read.fetch(OF_ENDING, *asked, of.organisation, digits)]


async def of_number(
    read: Read, tenant: str, number: str, of: Of, within: Within, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return orders of this number, in capitals or not: each seller of a tenant may have one."""
    asked = _asked(tenant, of, within, after, limit)
    return [dict(row) for row in await read.fetch(OF_NUMBER, *asked, of.organisation, number)]


async def newest(
    read: Read, tenant: str, of: Of, within: Within, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return orders before this one, at most `limit`."""
    asked = _asked(tenant, of, within, after, limit)
    if of.organisation is not None:
        return [dict(row) for row in await read.fetch(OF_ORGANISATION, *asked, of.organisation)]
    return [dict(row) for row in await read.fetch(NEWEST, *asked)]


def _asked(tenant: str, of: Of, within: Within, after: tuple[datetime, UUID] | None, limit: int) -> tuple[object, ...]:
    before = after or (None, None)
    return (tenant, of.customer, within.state, *before, limit, within.since, within.until, within.to_ship)
