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
set waiting = changed.waiting
from unnest($1::text[], $2::uuid[], $3::boolean[]) as changed (tenant, id, waiting)
where lines.tenant = changed.tenant
  and lines.id = changed.id
"""


async def set_waiting(tx: Tx, lines: Sequence[Line]) -> None:
    """Let the clock look after these lines, or no longer, as each says."""
    if lines:
        tenants, ids = orders.columns((line.order.tenant, line.id) for line in lines)
        await tx.execute(SET_WAITING, tenants, ids, [line.waiting for line in lines])


DUE = """
select lines.tenant, lines.order_id
from lines
left join releases on releases.tenant = lines.tenant and releases.line_id = lines.id
where lines.waiting
  and least(lines.not_before, releases.deliver_from) <= $1
  and exists(select from files where files.tenant = lines.tenant and files.sku = lines.sku)
group by lines.tenant, lines.order_id
limit $2
"""


async def due(read: Read, now: datetime, limit: int) -> list[orders.Key]:
    """Return orders with waiting lines whose time and files have come."""
    return [(row["tenant"], row["order_id"]) for row in await read.fetch(DUE, now, limit)]


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
