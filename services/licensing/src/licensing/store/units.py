"""Paid units and the keys they got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from contracts.event import Sealed, SubjectKey
from contracts.orders import Line

from licensing.domain.licenses import Issued
from licensing.domain.stock import Unit

ADD = """
insert into units
  (tenant, order_id, unit, line, place, sku, key_source, key_prefix, paid_at, paid_sequence, release_at, state)
select $1, $2, said.unit, said.line, said.place, said.sku, said.key_source, said.key_prefix, $3, $4,
       least(coalesce(said.deliver_from, $5), releases.release_at),
       case when refunds.unit is not null then 'refunded' when $6 then 'waiting' else 'past' end
from unnest($7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::timestamptz[]) with ordinality
  as said (unit, line, sku, key_source, key_prefix, deliver_from, place)
left join releases on releases.tenant = $1 and releases.order_id = $2 and releases.line = said.line
left join refunds on refunds.tenant = $1 and refunds.order_id = $2 and refunds.unit = said.unit
on conflict (tenant, order_id, unit) do nothing
"""

COLUMNS = """
select units.tenant, units.order_id, units.unit, units.line, units.place, units.sku, units.key_source,
       units.key_prefix, units.paid_at, units.paid_sequence, units.state, orders.channel, orders.market,
       orders.seller, orders.order_number, orders.ordered_at, orders.contact_key, orders.contact_public,
       orders.traceparent
from units
join orders on orders.tenant = units.tenant and orders.order_id = units.order_id
"""

LOCK_WAITING = f"""
{COLUMNS}
where units.state = 'waiting'
  and units.release_at <= $1
order by units.paid_at, units.paid_sequence, units.order_id, units.place
limit $2
for update of units skip locked
"""

LOCK_BACKORDERED = f"""
{COLUMNS}
where units.tenant = $1
  and units.sku = $2
  and units.state = 'backordered'
order by units.paid_at, units.paid_sequence, units.order_id, units.place
limit $3
for update of units skip locked
"""

ISSUE = """
update units
set state = 'issued', license = said.license, fingerprint = said.fingerprint, tail = said.tail,
    license_key = said.license_key, issued_at = $1
from unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[], $7::text[], $8::text[])
  as said (tenant, order_id, unit, license, fingerprint, tail, license_key)
where units.tenant = said.tenant
  and units.order_id = said.order_id
  and units.unit = said.unit
"""

BACKORDER = """
update units
set state = 'backordered'
from unnest($1::text[], $2::uuid[], $3::uuid[]) as said (tenant, order_id, unit)
where units.tenant = said.tenant
  and units.order_id = said.order_id
  and units.unit = said.unit
"""

TAKE_BACK = """
update units
set state = case when license is null then 'refunded' else 'revoked' end,
    revoked_at = case when license is null then null else $4::timestamptz end
where tenant = $1
  and order_id = $2
  and unit = any($3::uuid[])
  and state not in ('refunded', 'revoked')
returning unit, line, license
"""

OF_ORDER = """
select unit, line, sku, license, state, tail, issued_at, revoked_at
from units
where tenant = $1
  and order_id = $2
order by paid_at, paid_sequence, place
"""

BY_FINGERPRINT = """
select sku, state
from units
where fingerprint = any($1::bytea[])
  and ($2::text is null or tenant = $2)
"""

COUNTS = """
select count(*) filter (where license is not null) as issued,
       count(*) filter (where state = 'backordered') as backordered,
       count(*) filter (where state = 'waiting') as waiting
from units
where tenant = $1
  and sku = $2
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A unit whose turn has come, with the header of its story and the key to seal to."""

    unit: Unit
    header: dict[str, Any]
    contact: SubjectKey
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class License:
    """A unit with its new key: how it is known, its end for people, its text sealed to the customer."""

    unit: Unit
    license: UUID
    fingerprint: bytes
    tail: str
    license_key: Sealed


async def add(
    tx: Tx, tenant: str, order: UUID, paid_at: datetime, sequence: int, lines: Sequence[Line], *, effects: bool
) -> None:
    """Keep newly paid units, released, refunded or merely past as they are; a known unit stays as it is."""
    each = [(unit, line) for line in lines for unit in line.units]
    await tx.execute(
        ADD,
        tenant,
        order,
        paid_at,
        sequence,
        tx.now,
        effects,
        [unit for unit, _ in each],
        [line.line for _, line in each],
        [line.sku for _, line in each],
        [line.key_source for _, line in each],
        [line.key_prefix for _, line in each],
        [line.deliver_from for _, line in each],
    )


async def lock_waiting(tx: Tx, at: datetime, limit: int) -> list[Due]:
    """Units that are paid, released and not looked at yet, of all tenants, in the order of payment."""
    return [_due(row) for row in await tx.fetch(LOCK_WAITING, at, limit)]


async def lock_backordered(tx: Tx, tenant: str, sku: str, limit: int) -> list[Due]:
    """Units that wait for a refill, in the order of payment."""
    return [_due(row) for row in await tx.fetch(LOCK_BACKORDERED, tenant, sku, limit)]


async def issue(tx: Tx, licenses: Sequence[License]) -> None:
    """Keep the keys that units got."""
    await tx.execute(
        ISSUE,
        tx.now,
        [new.unit.tenant for new in licenses],
        [new.unit.order_id for new in licenses],
        [new.unit.unit for new in licenses],
        [new.license for new in licenses],
        [new.fingerprint for new in licenses],
        [new.tail for new in licenses],
        [str(new.license_key) for new in licenses],
    )


async def backorder(tx: Tx, units: Sequence[Unit]) -> None:
    """Let units wait for a refill."""
    keys = [[getattr(unit, name) for unit in units] for name in ("tenant", "order_id", "unit")]
    await tx.execute(BACKORDER, *keys)


async def take_back(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """Take units back; unit, line and license of those whose key ends with it."""
    rows = await tx.fetch(TAKE_BACK, tenant, order, units, tx.now)
    return [(row["unit"], row["line"], row["license"]) for row in rows if row["license"] is not None]


async def of_order(tx: Tx, tenant: str, order: UUID) -> list[dict[str, Any]]:
    """The units of an order and what became of them."""
    return [dict(row) for row in await tx.fetch(OF_ORDER, tenant, order)]


async def by_fingerprint(tx: Tx, fingerprints: Sequence[bytes], tenant: str | None) -> list[Issued]:
    """What was issued under these fingerprints, of all tenants where none is named: a key is asked for by anybody."""
    rows = await tx.fetch(BY_FINGERPRINT, fingerprints, tenant)
    return [Issued(row["sku"], row["state"] == "revoked") for row in rows]


async def counts(tx: Tx, tenant: str, sku: str) -> dict[str, int]:
    """How many units of a SKU have a key, wait for a refill, or wait for their release."""
    row = await tx.row(COUNTS, tenant, sku)
    return dict(row) if row is not None else {}


def _due(row: Any) -> Due:
    facts = dict(row)
    contact = SubjectKey(key=facts.pop("contact_key"), public=facts.pop("contact_public"))
    traceparent = facts.pop("traceparent")
    header = {name: facts.pop(name) for name in ("channel", "market", "seller", "order_number", "ordered_at")}
    unit = Unit(**facts)
    return Due(unit, header | {"tenant": unit.tenant, "order": unit.order_id}, contact, traceparent)
