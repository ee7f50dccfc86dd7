"""Stocks, their serials and the imports that fill them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx
from chassis.lists import SealedEntry
from contracts.catalog import LicenseSettings

from licensing.domain.stock import Stock

SET = """
insert into stocks (tenant, sku, low_stock, devices, settings_sequence)
select $1, sku, low_stock, devices, $5
from unnest($2::text[], $3::bigint[], $4::integer[]) as one (sku, low_stock, devices)
order by sku
on conflict (tenant, sku) do update
set low_stock = excluded.low_stock,
    devices = excluded.devices,
    low_published = stocks.low_published and stocks.available <= excluded.low_stock,
    settings_sequence = excluded.settings_sequence
where stocks.settings_sequence < excluded.settings_sequence
"""


async def set_up(tx: Tx, tenant: str, settings: Mapping[str, LicenseSettings], sequence: int) -> None:
    """Copy of each SKU from how few serials on its stock is low, and on how many devices a key may be active.

    Where later settings are known nothing changes.
    """
    columns = [one.low_stock for one in settings.values()], [one.devices for one in settings.values()]
    await tx.execute(SET, tenant, list(settings), *columns, sequence)


# the row of a stock that has only been ordered or filled has no settings yet
HAS_ARTICLE = """
select exists (
  select 1
  from stocks
  where tenant = $1
    and sku = $2
    and settings_sequence >= 0
)
"""


async def has_article(read: Read, tenant: str, sku: str) -> bool:
    """Return whether an article of the tenant has, or had, this SKU."""
    return await read.value(HAS_ARTICLE, tenant, sku)


LOCK = """
insert into stocks (tenant, sku)
select tenant, sku
from unnest($1::text[], $2::text[]) as one (tenant, sku)
order by tenant, sku
on conflict (tenant, sku) do update
set available = stocks.available
returning tenant, sku, available, low_stock, low_published
"""


async def lock(tx: Tx, skus: Iterable[tuple[str, str]]) -> list[Stock]:
    """Return the stocks of these tenants' SKUs, locked, always in the same order."""
    pairs = sorted(set(skus))
    rows = await tx.fetch(LOCK, [tenant for tenant, _ in pairs], [sku for _, sku in pairs])
    return [Stock(**dict(row)) for row in rows]


REFILLABLE = """
select tenant, sku
from stocks
where available > 0
  and exists (
    select 1
    from units
    where units.tenant = stocks.tenant
      and units.sku = stocks.sku
      and units.state = 'backordered'
  )
"""


async def refillable(read: Read) -> list[tuple[str, str]]:
    """Return tenants and SKUs of which serials are there and units wait for them."""
    return [(row["tenant"], row["sku"]) for row in await read.fetch(REFILLABLE)]


KEEP = """
update stocks
set available = $3, low_published = $4
where tenant = $1
  and sku = $2
"""


async def keep(tx: Tx, stock: Stock) -> None:
    """Store what is left."""
    await tx.execute(KEEP, stock.tenant, stock.sku, stock.available, stock.low_published)


FILL = """
insert into stocks (tenant, sku, available)
values ($1, $2, $3)
on conflict (tenant, sku) do update
set available = stocks.available + excluded.available,
    low_published = stocks.low_published and stocks.available + excluded.available <= stocks.low_stock
"""


async def fill(tx: Tx, tenant: str, sku: str, serials: int) -> None:
    """Count new serials."""
    await tx.execute(FILL, tenant, sku, serials)


FIND = """
select tenant, sku, available, low_stock, low_published
from stocks
where tenant = $1
  and sku = $2
"""


async def find(read: Read, tenant: str, sku: str) -> Stock | None:
    """Return a stock, for reading."""
    row = await read.row(FIND, tenant, sku)
    return None if row is None else Stock(**dict(row))


USED_UP = """
select sku
from stocks
where tenant = $1
  and available <= 0
  and settings_sequence >= 0
order by sku
limit 5000
"""


async def used_up(read: Read, tenant: str) -> list[str]:
    """Return the articles of a tenant of which no serial is left."""
    return [row["sku"] for row in await read.fetch(USED_UP, tenant)]


# what is ordered beside units that share a key with it needs no other
RESERVED = """
select count(distinct coalesce(line_id, unit_id))
from reservations
where tenant = $1
  and sku = $2
  and not ended
  and not exists (
    select 1
    from units
    where units.tenant = reservations.tenant
      and units.order_id = reservations.order_id
      and units.line_id = reservations.line_id
      and units.state not in ('refunded', 'revoked')
  )
"""


async def reserved(read: Read, tenant: str, sku: str) -> int:
    """Return how many serials of a SKU are ordered and not yet paid."""
    return await read.value(RESERVED, tenant, sku)


TAKE = """
select fingerprint, box
from serials
where tenant = $1
  and sku = $2
  and unit_id is null
order by import_id, line
limit $3
for update skip locked
"""


async def take(tx: Tx, tenant: str, sku: str, limit: int) -> list[tuple[bytes, bytes]]:
    """Return fingerprints and boxes of free serials, locked, the oldest first."""
    rows = await tx.fetch(TAKE, tenant, sku, limit)
    return [(row["fingerprint"], row["box"]) for row in rows]


HAND_OUT = """
update serials
set unit_id = one.unit_id, box = null
from unnest($2::bytea[], $3::uuid[]) as one (fingerprint, unit_id)
where serials.tenant = $1
  and serials.fingerprint = one.fingerprint
"""


async def hand_out(tx: Tx, tenant: str, taken: Sequence[tuple[bytes, UUID]]) -> None:
    """Give serials to units for good, each to the first of those that share it, and drop their texts."""
    await tx.execute(HAND_OUT, tenant, [fingerprint for fingerprint, _ in taken], [unit for _, unit in taken])


BEGIN_IMPORT = """
insert into imports (tenant, id, sku, file_hash, taken, report, imported_by, imported_at)
values ($1, $2, $3, $4, 0, '{}', $5, $6)
on conflict (tenant, sku, file_hash) do nothing
returning id
"""


async def begin_import(tx: Tx, tenant: str, import_id: UUID, sku: str, file_hash: bytes, by: str) -> bool:
    """Begin to import a file; false where it was imported before."""
    return await tx.value(BEGIN_IMPORT, tenant, import_id, sku, file_hash, by, tx.now) is not None


END_IMPORT = """
update imports
set taken = $3, report = $4
where tenant = $1
  and id = $2
"""


async def end_import(tx: Tx, tenant: str, import_id: UUID, taken: int, report: dict[str, Any]) -> None:
    """Store what became of a file."""
    await tx.execute(END_IMPORT, tenant, import_id, taken, orjson.dumps(report).decode())


FIND_IMPORT = """
select id as import_id, taken, report, imported_at
from imports
where tenant = $1
  and sku = $2
  and file_hash = $3
"""


async def find_import(read: Read, tenant: str, sku: str, file_hash: bytes) -> dict[str, Any]:
    """Return what became of a file that was imported before."""
    row = await read.row(FIND_IMPORT, tenant, sku, file_hash)
    return {} if row is None else {**dict(row), "report": orjson.loads(row["report"])}


ADD_SERIALS = """
insert into serials (tenant, fingerprint, sku, import_id, line, box)
select $1, fingerprint, $2, $3, line, box
from unnest($4::bytea[], $5::integer[], $6::bytea[]) as one (fingerprint, line, box)
order by fingerprint
on conflict (tenant, fingerprint) do nothing
"""

IN_STOCK = """
select one.line
from unnest($3::bytea[], $4::integer[]) as one (fingerprint, line)
join serials on serials.tenant = $1 and serials.fingerprint = one.fingerprint
where $2::uuid is null
   or serials.import_id <> $2
order by one.line
"""


async def in_stock(read: Read, tenant: str, serials: Sequence[SealedEntry], import_id: UUID | None = None) -> list[int]:
    """Return the lines of those serials that a tenant has or had, not counting those of an import."""
    fingerprints, lines = [serial.fingerprint for serial in serials], [serial.line for serial in serials]
    return [row["line"] for row in await read.fetch(IN_STOCK, tenant, import_id, fingerprints, lines)]


async def add_serials(
    tx: Tx, tenant: str, sku: str, import_id: UUID, serials: Sequence[SealedEntry]
) -> tuple[int, list[int]]:
    """Put serials in stock; returns how many are new, and the lines of those that the tenant has already."""
    fingerprints, lines = [serial.fingerprint for serial in serials], [serial.line for serial in serials]
    boxes = [serial.box for serial in serials]
    added = await tx.execute(ADD_SERIALS, tenant, sku, import_id, fingerprints, lines, boxes)
    if added == len(serials):
        return added, []
    return added, await in_stock(tx, tenant, serials, import_id)
