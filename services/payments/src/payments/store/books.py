"""What bookkeeping looks through: what was paid and paid back, day by day, and the statements that were imported."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read

# A day without a time is shown by its noon: the same day wherever one looks. What a bank takes back, books twice or
# books on an account of others is no money that came in. The provider's page may pay back without a decision of ours.
BOOKINGS = """
  select p.id, 'card' as kind, 'done' as state, p.captured_at as at, p.captured_amount as amount,
         p.captured_currency as currency, p.order_id
  from payments p
  where p.tenant = $1
    and p.captured_at is not null
  union all
  select r.id, 'transfer', 'done', coalesce((r.booked_on + time '12:00') at time zone 'UTC', s.imported_at), r.amount,
         r.currency, r.order_id
  from receipts r
  join statements s on s.tenant = r.tenant and s.id = r.statement_id
  where r.tenant = $1
    and not exists (
      select
      from review_entries e
      where e.tenant = r.tenant
        and e.receipt_id = r.id
        and e.reason in (
          'booked_before', 'credit_reversed', 'other_account', 'returned_payout', 'reversal', 'unreadable'
        )
    )
  union all
  select f.id, 'refund', f.state, f.decided_at, coalesce(f.reduced_to, f.amount), f.currency, f.order_id
  from refunds f
  where f.tenant = $1
    and f.state <> 'skipped'
  union all
  select y.id, 'refund', case y.status when 'succeeded' then 'done' when 'failed' then 'refused' else 'asked' end,
         coalesce(y.published_at, p.captured_at, p.opened_at), y.amount, y.currency, p.order_id
  from repayments y
  join payments p on p.tenant = y.tenant and p.id = y.payment_id
  where y.tenant = $1
    and y.refund_id is null
"""

LISTED = f"""
select b.id as booking, b.kind, b.state, b.at, b.amount, b.currency, b.order_id as "order", orders.number
from ({BOOKINGS}) b
left join orders on orders.tenant = $1 and orders.id = b.order_id
where b.at >= $2
  and b.at < $3
  and ($4::timestamptz is null or (b.at, b.id) < ($4, $5))
order by b.at desc, b.id desc
limit $6
"""  # noqa: S608 -- made of the statement above alone


async def listed(
    read: Read, tenant: str, since: datetime, until: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return what came in and went back in this time, newest first."""
    found = await read.fetch(LISTED, tenant, since, until, *(after or (None, None)), limit)
    return [dict(row) for row in found]


# Staff sends by hand what came in by transfer, and what the provider will not send.
OF_ORDER = f"""
select b.id as booking, b.kind, b.state, b.at, b.amount, b.currency, b.order_id as "order", orders.number,
       case
         when f.state = 'payout' or f.reference is not null then 'transfer'
         when f.payment_id is not null or y.id is not null then 'card'
         else orders.payment_method
       end as way,
       case when b.state = 'done' then coalesce(f.done_at, y.published_at) end as done_at
from ({BOOKINGS}) b
join orders on orders.tenant = $1 and orders.id = b.order_id
left join refunds f on f.tenant = $1 and f.id = b.id
left join repayments y on y.tenant = $1 and y.id = b.id
where b.order_id = $2
  and b.kind = 'refund'
order by b.at, b.id
"""  # noqa: S608 -- made of the statement above alone


async def refunds_of_order(read: Read, tenant: str, order_id: UUID) -> list[dict[str, Any]]:
    """Return what went back or is to go back of an order, the first one first."""
    return [dict(row) for row in await read.fetch(OF_ORDER, tenant, order_id)]


TURNOVER = f"""
select date_trunc($5, b.at at time zone $4)::date as first, b.currency,
       coalesce(sum(b.amount) filter (where b.kind <> 'refund'), 0)::bigint as received,
       coalesce(sum(b.amount) filter (where b.kind = 'refund'), 0)::bigint as returned,
       count(*) filter (where b.kind <> 'refund') as payments
from ({BOOKINGS}) b
where b.at >= $2
  and b.at < $3
  and b.state <> 'refused'
group by 1, 2
order by 1, 2
"""  # noqa: S608 -- made of the statement above alone


async def turnover(
    read: Read, tenant: str, since: datetime, until: datetime, zone: str, by: str
) -> list[dict[str, Any]]:
    """Return what came in and went back by day or month of a time zone, and by currency."""
    return [dict(row) for row in await read.fetch(TURNOVER, tenant, since, until, zone, by)]


STATEMENTS = """
select s.id as statement, s.iban, s.entries, s.booked, s.matched, s.imported_at,
       (select min(r.booked_on) from receipts r where r.tenant = s.tenant and r.statement_id = s.id) as first_day,
       (select max(r.booked_on) from receipts r where r.tenant = s.tenant and r.statement_id = s.id) as last_day
from statements s
where s.tenant = $1
  and ($2::timestamptz is null or (s.imported_at, s.id) < ($2, $3))
order by s.imported_at desc, s.id desc
limit $4
"""


async def statements(read: Read, tenant: str, after: tuple[datetime, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """Return the imported statements, newest first."""
    return [dict(row) for row in await read.fetch(STATEMENTS, tenant, *(after or (None, None)), limit)]
