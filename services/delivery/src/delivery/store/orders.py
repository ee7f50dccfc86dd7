"""Paid orders."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx

from delivery.domain.orders import Order

Key = tuple[str, UUID]
"""Whose an order is, and its id."""

# Of a row of grants: its order is disputed, or a claim is open about its units.
SUSPENDED = """
(exists (
  select
  from disputes
  where disputes.tenant = grants.tenant
    and disputes.order_id = grants.order_id
    and not won
) or exists (
  select
  from claims
  where claims.tenant = grants.tenant
    and claims.order_id = grants.order_id
    and claims.unit_ids && grants.unit_ids
))
"""

COLUMNS = """
       orders.tenant, orders.id as order_id, orders.channel, orders.market, orders.seller,
       orders.number as order_number, orders.ordered_at, orders.customer_id, orders.organisation_id,
       orders.language, orders.contact
"""

# on its own, because a statement that waits for a lock still sees the facts of before; an order need not be known yet
LOCK = """
select pg_advisory_xact_lock(hashtextextended('order ' || tenant || ' ' || id, 0))
from unnest($1::text[], $2::uuid[]) as locked (tenant, id)
"""


async def lock(tx: Tx, keys: Iterable[Key]) -> None:
    """Let nobody else conclude or change the grants of these orders before the transaction ends."""
    await tx.execute(LOCK, *columns(sorted(keys)))


FIND = f"""
select {COLUMNS}
from orders
where tenant = $1
  and id = $2
"""  # noqa: S608 -- made of parts of this file


async def find(read: Read, tenant: str, order_id: UUID) -> Order | None:
    """Return a paid order with downloads."""
    row = await read.row(FIND, tenant, order_id)
    return None if row is None else order_in(row)


def order_in(row: Any) -> Order:
    """Return the order in a row that has `COLUMNS` among others."""
    return Order(
        tenant=row["tenant"],
        id=row["order_id"],
        channel=row["channel"],
        market=row["market"],
        seller=row["seller"],
        number=row["order_number"],
        ordered_at=row["ordered_at"],
        customer_id=row["customer_id"],
        language=row["language"],
        contact=row["contact"],
        organisation_id=row["organisation_id"],
    )


def columns(keys: Iterable[Key]) -> tuple[list[str], list[UUID]]:
    """Return tenants and ids apart, as statements take them."""
    pairs = list(keys)
    return [tenant for tenant, _ in pairs], [id_ for _, id_ in pairs]
