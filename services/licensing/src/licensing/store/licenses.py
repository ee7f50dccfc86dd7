"""The keys that units got, each alone or several together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed

from licensing.domain.licenses import KeyState
from licensing.domain.stock import Purchase, Unit
from licensing.store.units import columns

Order = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class License:
    """A unit with its key: its end for people, and, where nobody has it yet, its fingerprint and sealed text."""

    unit: Unit
    id: UUID
    tail: str
    fingerprint: bytes | None = None
    license_key: Sealed | None = None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key and its units, in the order in which they got it, also those refunded since."""

    tenant: str
    order_id: UUID
    line_id: UUID
    license_id: UUID
    sku: str
    tail: str
    license_key: Sealed
    issued_at: datetime
    unit_ids: list[UUID]


ISSUE = """
update units
set state = 'issued', license_id = issued.license_id, fingerprint = issued.fingerprint, tail = issued.tail,
    license_key = issued.license_key, issued_at = $1,
    devices = (select devices from stocks where stocks.tenant = units.tenant and stocks.sku = units.sku)
from unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[], $7::text[], $8::text[])
  as issued (tenant, order_id, unit_id, license_id, fingerprint, tail, license_key)
where units.tenant = issued.tenant
  and units.order_id = issued.order_id
  and units.id = issued.unit_id
"""


async def issue(tx: Tx, licenses: Sequence[License]) -> None:
    """Store the keys that units got."""
    await tx.execute(
        ISSUE,
        tx.now,
        [new.unit.tenant for new in licenses],
        [new.unit.order_id for new in licenses],
        [new.unit.id for new in licenses],
        [new.id for new in licenses],
        [new.fingerprint for new in licenses],
        [new.tail for new in licenses],
        [str(new.license_key) if new.license_key is not None else None for new in licenses],
    )


# The first of those that share a key has its fingerprint; the others follow in the order in which they got it.
KEYS = """
select first.tenant, first.order_id, first.line_id, first.license_id, first.id, first.sku, first.tail,
       first.license_key, first.issued_at, array(
         select other.id
         from units other
         where other.tenant = first.tenant
           and other.order_id = first.order_id
           and other.license_id = first.license_id
           and other.id <> first.id
         order by other.issued_at, other.paid_at, other.paid_sequence, other.position
       ) as others
from units first
"""

COUNTS_STILL = """
exists (
  select
  from units live
  where live.tenant = first.tenant
    and live.order_id = first.order_id
    and live.license_id = first.license_id
    and live.state = 'issued'
)
"""

OF_PURCHASES = f"""
{KEYS}
join unnest($1::text[], $2::uuid[], $3::uuid[]) as purchase (tenant, order_id, line_id)
  on purchase.tenant = first.tenant and purchase.order_id = first.order_id and purchase.line_id = first.line_id
where first.fingerprint is not null
  and {COUNTS_STILL}
"""


async def of_purchases(read: Read, purchases: Iterable[Purchase]) -> dict[Purchase, IssuedKey]:
    """Return the keys of these purchases that still count."""
    found = [_key(row) for row in await read.fetch(OF_PURCHASES, *columns(purchases))]
    return {(key.tenant, key.order_id, key.line_id): key for key in found}


REVOKE = """
update units
set state = case when license_id is null then 'refunded' else 'revoked' end,
    revoked_at = case when license_id is null then null else $3::timestamptz end
from unnest($1::text[], $2::uuid[]) as touched (tenant, order_id)
join refunds on refunds.tenant = touched.tenant and refunds.order_id = touched.order_id
where units.tenant = refunds.tenant
  and units.order_id = refunds.order_id
  and units.id = refunds.unit_id
  and units.state not in ('refunded', 'revoked')
returning units.tenant, units.order_id, units.license_id
"""

ENDED = f"""
{KEYS}
join unnest($1::text[], $2::uuid[], $3::uuid[]) as revoked (tenant, order_id, license_id)
  on revoked.tenant = first.tenant and revoked.order_id = first.order_id and revoked.license_id = first.license_id
where first.fingerprint is not null
  and not {COUNTS_STILL}
order by first.paid_at, first.paid_sequence, first.position
"""


async def revoke_refunded(tx: Tx, orders: Iterable[Order]) -> list[IssuedKey]:
    """Take the refunded units of these orders back; returns the keys that end, because no unit has them any more."""
    keys = list(orders)
    rows = await tx.fetch(REVOKE, [tenant for tenant, _ in keys], [order_id for _, order_id in keys], tx.now)
    revoked = {(row["tenant"], row["order_id"], row["license_id"]) for row in rows if row["license_id"] is not None}
    return [_key(row) for row in await tx.fetch(ENDED, *columns(revoked))] if revoked else []


FIND = f"""
select first.license_key, {COUNTS_STILL} as counts
from units first
where first.tenant = $1
  and first.order_id = $2
  and first.license_id = $3
  and first.fingerprint is not null
"""  # noqa: S608 -- our own text


async def find(read: Read, tenant: str, order_id: UUID, license_id: UUID) -> tuple[Sealed, bool] | None:
    """Return a key of an order, sealed to its customer, and whether it counts still."""
    row = await read.row(FIND, tenant, order_id, license_id)
    return None if row is None else (Sealed.parse(row["license_key"]), row["counts"])


# The nearest of all fingerprints is read and compared, so that a key that was sold takes as long as one that was not.
BY_FINGERPRINT = f"""
select first.sku, first.state = 'revoked' and not {COUNTS_STILL} as revoked, first.suspended, first.order_id,
       first.license_id
from unnest($1::bytea[]) as typed (fingerprint)
cross join lateral (
  select tenant, order_id, license_id, fingerprint, sku, state,
         exists (
           select
           from disputes
           where disputes.tenant = units.tenant
             and disputes.order_id = units.order_id
             and not won
         ) or exists (
           select
           from claims
           join units held on held.tenant = claims.tenant and held.order_id = claims.order_id
             and held.id = any(claims.unit_ids) and held.state not in ('refunded', 'revoked')
           where claims.tenant = units.tenant
             and claims.order_id = units.order_id
             and held.license_id = units.license_id
         ) as suspended
  from units
  where units.fingerprint is not null
    and (units.fingerprint, units.tenant) >= (typed.fingerprint, $2)
  order by units.fingerprint, units.tenant
  limit 1
) as first
where first.fingerprint = typed.fingerprint
  and first.tenant = $2
"""  # noqa: S608 -- our own text


async def by_fingerprint(read: Read, fingerprints: Sequence[bytes], tenant: str) -> list[KeyState]:
    """Return what a tenant has issued under these fingerprints; finding nothing takes as long as finding something."""
    rows = await read.fetch(BY_FINGERPRINT, fingerprints, tenant)
    return [KeyState(**dict(row)) for row in rows]


def _key(row: Any) -> IssuedKey:
    facts = dict(row)
    facts["unit_ids"] = [facts.pop("id"), *facts.pop("others")]
    facts["license_key"] = Sealed.parse(facts["license_key"])
    return IssuedKey(**facts)
