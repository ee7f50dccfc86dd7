"""Erasures, and which service has confirmed which key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Tx

BEGIN = """
insert into erasures (tenant, customer, expected)
values ($1, $2, $3)
"""

CONFIRM = """
insert into confirmations (tenant, key, service, customer, confirmed_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant, key, service) do nothing
"""

HEADS = """
select customers.customer, customers.erased_at, erasures.expected
from customers
join erasures using (tenant, customer)
where customers.tenant = $1
  and customers.erased_at is not null
"""

NEWEST = (
    HEADS
    + """  and ($2::timestamptz is null or (customers.erased_at, customers.customer) < ($2, $3))
order by customers.erased_at desc, customers.customer desc
limit $4
"""
)

ONE = (
    HEADS
    + """  and customers.customer = $2
"""
)

KEYS = """
select subject_keys.subject::uuid as customer, subject_keys.key, subject_keys.kind, subject_keys.destroyed_at,
       confirmations.service, confirmations.confirmed_at
from subject_keys
left join confirmations using (tenant, key)
where subject_keys.tenant = $1
  and subject_keys.subject = any($2::text[])
  and subject_keys.kind in ('profile', 'contact')
order by subject_keys.kind desc, confirmations.service
"""

TO_FINISH = """
select tenant, customer
from customers
where erased_at <= $3
  and contact_erased_at is null
  and not exists (
    select 1
    from orders
    where orders.tenant = customers.tenant
      and orders.customer = customers.customer
      and (orders.closed_at is null or orders.contact_until > $1)
  )
order by tenant, customer
limit $2
"""


@dataclass(slots=True)
class Key:
    """A key of an erased customer and who has confirmed its destruction, when."""

    key: UUID
    kind: str
    destroyed_at: datetime | None
    confirmed: dict[str, datetime]


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure, and how far each key is."""

    customer: UUID
    erased_at: datetime
    expected: tuple[str, ...]
    keys: tuple[Key, ...]


async def begin(tx: Tx, tenant: str, customer: UUID, expected: Sequence[str]) -> None:
    """Freeze who has to confirm."""
    await tx.execute(BEGIN, tenant, customer, list(expected))


async def confirm(tx: Tx, tenant: str, customer: UUID, key: UUID, service: str) -> None:
    """Keep a confirmation, also of a key or customer not yet known here."""
    await tx.execute(CONFIRM, tenant, key, service, customer, tx.now)


async def newest(tx: Tx, tenant: str, after: tuple[datetime, UUID] | None, limit: int) -> list[Erasure]:
    """Erasures before the given place, newest first, at most `limit`."""
    return await _read(tx, tenant, await tx.fetch(NEWEST, tenant, *(after or (None, None)), limit))


async def find(tx: Tx, tenant: str, customer: UUID) -> Erasure | None:
    """The erasure of a customer."""
    return next(iter(await _read(tx, tenant, await tx.fetch(ONE, tenant, customer))), None)


async def to_finish(tx: Tx, erased_before: datetime, limit: int) -> list[tuple[str, UUID]]:
    """Customers, of all tenants, erased by then, who need not be reached any more and still could be."""
    return [(row["tenant"], row["customer"]) for row in await tx.fetch(TO_FINISH, tx.now, limit, erased_before)]


async def _read(tx: Tx, tenant: str, heads: list[asyncpg.Record]) -> list[Erasure]:
    rows = [dict(row) for row in heads]
    keys: dict[UUID, dict[UUID, Key]] = {row["customer"]: {} for row in rows}
    for row in await tx.fetch(KEYS, tenant, [str(customer) for customer in keys]):
        known = keys[row["customer"]]
        facts = (row["key"], row["kind"], row["destroyed_at"])
        key = known.setdefault(row["key"], Key(*facts, confirmed={}))
        if row["service"] is not None:
            key.confirmed[row["service"]] = row["confirmed_at"]
    return [
        Erasure(
            row["customer"],
            row["erased_at"],
            tuple(row["expected"]),
            tuple(keys[row["customer"]].values()),
        )
        for row in rows
    ]
