"""The keys that units got, each alone or several together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.event import Sealed

from licensing.domain.licenses import Issued
from licensing.domain.stock import Unit
from licensing.store.units import Purchase, columns

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

TAKE_BACK = """
update units
set state = case when license is null then 'refunded' else 'revoked' end,
    revoked_at = case when license is null then null else $4::timestamptz end
where tenant = $1
  and order_id = $2
  and unit = any($3::uuid[])
  and state not in ('refunded', 'revoked')
returning license
"""

# The first of those that share a key has its fingerprint; the others follow in the order in which they got it.
GIVEN = """
select first.tenant, first.order_id, first.line, first.license, first.unit, first.sku, first.tail, first.license_key,
       first.issued_at, array(
         select other.unit
         from units other
         where other.tenant = first.tenant
           and other.order_id = first.order_id
           and other.license = first.license
           and other.unit <> first.unit
         order by other.issued_at, other.paid_at, other.paid_sequence, other.place
       ) as others
from units first
"""

COUNTS_STILL = """
exists (
  select 1
  from units live
  where live.tenant = first.tenant
    and live.order_id = first.order_id
    and live.license = first.license
    and live.state = 'issued'
)
"""

HELD = f"""
{GIVEN}
join unnest($1::text[], $2::uuid[], $3::uuid[]) as said (tenant, order_id, line)
  on said.tenant = first.tenant and said.order_id = first.order_id and said.line = first.line
where first.fingerprint is not null
  and {COUNTS_STILL}
"""

ENDED = f"""
{GIVEN}
where first.tenant = $1
  and first.order_id = $2
  and first.license = any($3::uuid[])
  and first.fingerprint is not null
  and not {COUNTS_STILL}
order by first.paid_at, first.paid_sequence, first.place
"""

BY_FINGERPRINT = """
select first.sku, first.state = 'revoked' and not exists (
         select 1
         from units live
         where live.tenant = first.tenant
           and live.order_id = first.order_id
           and live.license = first.license
           and live.state = 'issued'
       ) as revoked
from units first
where first.fingerprint = any($1::bytea[])
  and ($2::text is null or first.tenant = $2)
"""


@dataclass(frozen=True, slots=True)
class License:
    """A unit with its key: its end for people, and, where nobody has it yet, how it is known and its sealed text."""

    unit: Unit
    license: UUID
    tail: str
    fingerprint: bytes | None = None
    license_key: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A key and whom it was given to: `units` in the order in which they got it, also those taken back since."""

    tenant: str
    order_id: UUID
    line: UUID
    license: UUID
    sku: str
    tail: str
    license_key: Sealed
    issued_at: datetime
    units: list[UUID]


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
        [str(new.license_key) if new.license_key is not None else None for new in licenses],
    )


async def held(tx: Tx, lines: Iterable[Purchase]) -> dict[Purchase, Held]:
    """The keys of these tenants' orders' lines that still count."""
    found = [_held(row) for row in await tx.fetch(HELD, *columns(lines))]
    return {(key.tenant, key.order_id, key.line): key for key in found}


async def take_back(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> list[Held]:
    """Take units back; the keys that end with it, because nobody shares them any more."""
    rows = await tx.fetch(TAKE_BACK, tenant, order, units, tx.now)
    licenses = {row["license"] for row in rows if row["license"] is not None}
    return [_held(row) for row in await tx.fetch(ENDED, tenant, order, list(licenses))] if licenses else []


async def by_fingerprint(tx: Tx, fingerprints: Sequence[bytes], tenant: str | None) -> list[Issued]:
    """What was issued under these fingerprints, of all tenants where none is named: a key is asked for by anybody."""
    rows = await tx.fetch(BY_FINGERPRINT, fingerprints, tenant)
    return [Issued(row["sku"], row["revoked"]) for row in rows]


def _held(row: Any) -> Held:
    facts = dict(row)
    facts["units"] = [facts.pop("unit"), *facts.pop("others")]
    facts["license_key"] = Sealed.parse(facts["license_key"])
    return Held(**facts)
