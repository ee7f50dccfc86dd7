"""Which keys and serials were given out after the backup that this database was restored from."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

# Of those that share a key the first has its fingerprint and box; it is published again when others join.
KEEP = """
insert into taken_back as known
  (tenant, order_id, unit_id, license_id, fingerprint, tail, license_key, issued_at)
select $1, $2, unit_id, $4, case when position = 1 then $5::bytea end, $6, case when position = 1 then $7 end, $8
from unnest($3::uuid[]) with ordinality as unit (unit_id, position)
on conflict (tenant, order_id, unit_id) do update
set license_id = excluded.license_id,
    fingerprint = coalesce(excluded.fingerprint, known.fingerprint),
    tail = excluded.tail,
    license_key = coalesce(excluded.license_key, known.license_key),
    issued_at = excluded.issued_at
"""

HAND_OUT = """
with handed_out as (
  update serials
  set unit_id = $3, box = null
  where tenant = $1
    and fingerprint = $2
    and unit_id is null
  returning sku
)
update stocks
set available = available - 1
from handed_out
where stocks.tenant = $1
  and stocks.sku = handed_out.sku
"""

ISSUE = """
update units
set state = 'issued', license_id = known.license_id, fingerprint = known.fingerprint, tail = known.tail,
    license_key = known.license_key, issued_at = known.issued_at
from taken_back as known
where units.tenant = known.tenant
  and units.order_id = known.order_id
  and units.id = known.unit_id
  and units.state in ('waiting', 'backordered')
"""


async def keep(
    tx: Tx,
    order: tuple[str, UUID],
    units: Iterable[UUID],
    license_id: UUID,
    fingerprint: bytes | None,
    about: tuple[str, str, datetime],
) -> None:
    """Keep which units have a key; `about` is its end, its box and when it was issued. A serial leaves its stock."""
    ids, (end, box, issued_at) = list(units), about
    await tx.execute(KEEP, *order, ids, license_id, fingerprint, end, box, issued_at)
    if fingerprint is not None:
        await tx.execute(HAND_OUT, order[0], fingerprint, ids[0])


async def issue(tx: Tx) -> None:
    """Let units that wait have the keys that they got; those that are not known yet have them once they are."""
    await tx.execute(ISSUE)
