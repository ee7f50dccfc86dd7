"""Paid lines with all that is known of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chassis.db import Read, Tx

from delivery.domain.files import File
from delivery.domain.grants import Line
from delivery.store import files, grants, orders

OF_ORDERS = f"""
select {orders.COLUMNS}, {grants.COLUMNS}, lines.id, lines.sku as paid_sku, lines.name, lines.link_validity_days,
       lines.download_limit as agreed_limit, lines.waiting,
       least(lines.not_before, releases.deliver_from) as not_before,
       array(
         select units.id
         from units
         where units.tenant = lines.tenant
           and units.line_id = lines.id
           and not exists(
             select from refunded_units where refunded_units.tenant = units.tenant and refunded_units.unit_id = units.id
           )
       ) as live,
       array(
         select row({files.COLUMNS})
         from files
         where files.tenant = lines.tenant
           and files.sku = lines.sku
           and {files.KEPT}
         order by files.name
       ) as files
from unnest($1::text[], $2::uuid[]) as wanted (tenant, order_id)
join orders on orders.tenant = wanted.tenant and orders.id = wanted.order_id
join lines on lines.tenant = wanted.tenant and lines.order_id = wanted.order_id
left join releases on releases.tenant = lines.tenant and releases.line_id = lines.id
left join grants on grants.tenant = lines.tenant and grants.line_id = lines.id
order by lines.tenant, lines.order_id, lines.id
"""  # noqa: S608 -- made of parts of statements


async def of_orders(read: Read, keys: Iterable[orders.Key]) -> list[Line]:
    """Return the lines of these orders, as far as they are known."""
    return [_line(row) for row in await read.fetch(OF_ORDERS, *orders.columns(keys))]


SET_WAITING = """
update lines
set waiting = changed.waiting, not_before = least(lines.not_before, changed.not_before)
from unnest($1::text[], $2::uuid[], $3::boolean[], $4::timestamptz[]) as changed (tenant, id, waiting, not_before)
where lines.tenant = changed.tenant
  and lines.id = changed.id
"""


async def set_waiting(tx: Tx, lines: Sequence[Line]) -> None:
    """Let the clock look after these lines, or no longer, as each says."""
    if lines:
        tenants, ids = orders.columns((line.order.tenant, line.id) for line in lines)
        waiting, times = [line.waiting for line in lines], [line.not_before for line in lines]
        await tx.execute(SET_WAITING, tenants, ids, waiting, times)


# the articles that lines wait for, each found by one look into the index: many lines may wait for a few articles
WAITED_FOR = """
with recursive articles as (
  (
    select tenant, sku
    from lines
    where waiting
    order by tenant, sku
    limit 1
  )
  union all
  select next.tenant, next.sku
  from articles
  cross join lateral (
    select lines.tenant, lines.sku
    from lines
    where lines.waiting
      and (lines.tenant, lines.sku) > (articles.tenant, articles.sku)
    order by lines.tenant, lines.sku
    limit 1
  ) as next
)
"""

DUE = f"""
{WAITED_FOR}
select distinct due.tenant, due.order_id
from articles
cross join lateral (
  select
  from files
  where files.tenant = articles.tenant
    and files.sku = articles.sku
    and files.kept_before is null
  limit 1
) as there
cross join lateral (
  select lines.tenant, lines.order_id
  from lines
  where lines.waiting
    and lines.tenant = articles.tenant
    and lines.sku = articles.sku
    and lines.not_before <= $1
  order by lines.not_before
  limit $2
) as due
limit $2
"""  # noqa: S608 -- made of parts of this file


async def due(read: Read, now: datetime, limit: int) -> list[orders.Key]:
    """Return orders with waiting lines whose time and files have come."""
    return [(row["tenant"], row["order_id"]) for row in await read.fetch(DUE, now, limit)]


MISSING_SINCE = f"""
{WAITED_FOR}
select min(oldest.not_before)
from articles
cross join lateral (
  select lines.not_before
  from lines
  where lines.waiting
    and lines.tenant = articles.tenant
    and lines.sku = articles.sku
  order by lines.not_before
  limit 1
) as oldest
left join lateral (
  select true as there
  from files
  where files.tenant = articles.tenant
    and files.sku = articles.sku
    and files.kept_before is null
  limit 1
) as found on true
where found.there is null
"""  # noqa: S608 -- made of parts of this file


async def missing_since(read: Read) -> datetime | None:
    """Return from when on the oldest line should be delivered whose article has no files; None: there is none."""
    return await read.value(MISSING_SINCE)


MISSING = """
select lines.sku, min(lines.name) as name, count(*) as lines, min(lines.not_before) as since
from lines
where lines.tenant = $1
  and lines.waiting
  and lines.not_before <= $2
  and not exists(
    select from files where files.tenant = lines.tenant and files.sku = lines.sku and files.kept_before is null
  )
group by lines.sku
order by since, lines.sku
"""


async def missing(read: Read, tenant: str) -> list[dict[str, Any]]:
    """Return the articles without files that are paid and should be delivered, those that wait longest first."""
    return [dict(row) for row in await read.fetch(MISSING, tenant, read.now)]


LACKING = """
select lines.tenant, lines.sku, count(*)
from lines
where lines.waiting
  and lines.not_before <= $1
  and not exists(
    select from files where files.tenant = lines.tenant and files.sku = lines.sku and files.kept_before is null
  )
group by lines.tenant, lines.sku
order by min(lines.not_before), lines.tenant, lines.sku
limit 10
"""


async def lacking(read: Read) -> list[tuple[str, str, int]]:
    """Return tenant, article and number of lines of what is paid and has no files, of those that wait longest."""
    return [(row["tenant"], row["sku"], row["count"]) for row in await read.fetch(LACKING, read.now)]


def _line(row: Any) -> Line:
    return Line(
        order=orders.order_in(row),
        id=row["id"],
        sku=row["paid_sku"],
        name=row["name"],
        live=frozenset(row["live"]),
        not_before=row["not_before"],
        files=[File(*facts) for facts in row["files"]],
        link_validity_days=row["link_validity_days"],
        download_limit=row["agreed_limit"],
        waiting=row["waiting"],
        grant=None if row["grant_id"] is None else grants.grant_in(row),
    )
