"""Erasures, and which service has confirmed which key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx

ADD = """
insert into erasures (tenant, customer_id, expected_services)
values ($1, $2, $3)
"""


async def add(tx: Tx, tenant: str, customer_id: UUID, expected_services: Sequence[str]) -> None:
    """Add an erasure, with the services that have to confirm it as they are now."""
    await tx.execute(ADD, tenant, customer_id, list(expected_services))


CONFIRM = """
insert into erasure_confirmations (tenant, key_id, service, customer_id, confirmed_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant, key_id, service) do nothing
"""


async def confirm(tx: Tx, tenant: str, customer_id: UUID, key_id: UUID, service: str) -> None:
    """Record a confirmation, also of a key or customer not yet known here."""
    await tx.execute(CONFIRM, tenant, key_id, service, customer_id, tx.now)


@dataclass(slots=True)
class ErasedKey:
    """A key of an erased customer, and who has confirmed its destruction, when."""

    id: UUID
    kind: str
    destroyed_at: datetime | None
    confirmed: dict[str, datetime]


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure, and how far each key is; `contact_until` is how long the customer must be reached, if known."""

    customer_id: UUID
    erased_at: datetime
    expected_services: tuple[str, ...]
    keys: tuple[ErasedKey, ...]
    contact_until: datetime | None = None


SELECT = """
select customers.id as customer_id, customers.erased_at,
       -- of those who were asked, the ones that are still installed
       array(select name from services where name = any(erasures.expected_services) order by name) as expected_services,
       (select case when bool_and(orders.closed_at is not null) then max(orders.contact_until) end
        from orders
        where orders.tenant = customers.tenant
          and orders.customer_id = customers.id) as contact_until
from customers
join erasures on erasures.tenant = customers.tenant and erasures.customer_id = customers.id
where customers.tenant = $1
  and customers.erased_at is not null
"""

NEWEST = f"""
{SELECT}
  and ($2::timestamptz is null or (customers.erased_at, customers.id) < ($2, $3))
order by customers.erased_at desc, customers.id desc
limit $4
"""


async def newest(read: Read, tenant: str, after: tuple[datetime, UUID] | None, limit: int) -> list[Erasure]:
    """Return erasures after this position, newest first, at most `limit`."""
    return await _erasures(read, tenant, await read.fetch(NEWEST, tenant, *(after or (None, None)), limit))


FIND = f"""
{SELECT}
  and customers.id = $2
"""


async def find(read: Read, tenant: str, customer_id: UUID) -> Erasure | None:
    """Return the erasure of a customer, if there is one."""
    return next(iter(await _erasures(read, tenant, await read.fetch(FIND, tenant, customer_id))), None)


KEYS = """
select subject_keys.subject::uuid as customer_id, subject_keys.id, subject_keys.kind, subject_keys.destroyed_at,
       confirmations.service, confirmations.confirmed_at
from subject_keys
left join erasure_confirmations as confirmations
  on confirmations.tenant = subject_keys.tenant and confirmations.key_id = subject_keys.id
where subject_keys.tenant = $1
  and subject_keys.subject = any($2::text[])
  and subject_keys.kind in ('profile', 'contact')
order by subject_keys.kind desc, confirmations.service
"""


async def _erasures(read: Read, tenant: str, rows: list[asyncpg.Record]) -> list[Erasure]:
    keys: dict[UUID, dict[UUID, ErasedKey]] = {row["customer_id"]: {} for row in rows}
    for row in await read.fetch(KEYS, tenant, [str(customer_id) for customer_id in keys]):
        new = ErasedKey(row["id"], row["kind"], row["destroyed_at"], confirmed={})
        key = keys[row["customer_id"]].setdefault(row["id"], new)
        if row["service"] is not None:
            key.confirmed[row["service"]] = row["confirmed_at"]
    return [
        Erasure(
            row["customer_id"],
            row["erased_at"],
            tuple(row["expected_services"]),
            tuple(of_customer.values()),
            row["contact_until"],
        )
        for row, of_customer in zip(rows, keys.values(), strict=True)
    ]


UNFINISHED = """
select tenant, id
from customers
where erased_at <= $3
  and contact_erased_at is null
  and not exists (
    select 1
    from orders
    where orders.tenant = customers.tenant
      and orders.customer_id = customers.id
      and (orders.closed_at is null or orders.contact_until > $1)
  )
order by tenant, id
limit $2
"""


async def unfinished(read: Read, erased_before: datetime, limit: int) -> list[tuple[str, UUID]]:
    """Return customers, of all tenants, erased by then, who need not be reached any more and still could be."""
    return [(row["tenant"], row["id"]) for row in await read.fetch(UNFINISHED, read.now, limit, erased_before)]
