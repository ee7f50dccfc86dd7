"""Serials that did not open when they were to be issued, out of stock until they do."""

from collections.abc import Sequence

from chassis.db import Read, Tx

SET_ASIDE = """
with broken as (
  delete from serials
  where tenant = $1
    and fingerprint = any($2::bytea[])
  returning tenant, fingerprint, sku, import_id, line, box
)
insert into unreadable (tenant, fingerprint, sku, import_id, line, box, since)
select tenant, fingerprint, sku, import_id, line, box, $3
from broken
"""


async def set_aside(tx: Tx, tenant: str, fingerprints: Sequence[bytes]) -> None:
    """Take serials that do not open out of stock; they wait until they open, or are imported anew."""
    await tx.execute(SET_ASIDE, tenant, fingerprints, tx.now)


OF_SKU = """
select fingerprint, box
from unreadable
where tenant = $1
  and sku = $2
order by import_id, line
for update
"""


async def of_sku(tx: Tx, tenant: str, sku: str) -> list[tuple[bytes, bytes]]:
    """Return fingerprints and boxes of a SKU's serials that did not open, locked."""
    return [(row["fingerprint"], row["box"]) for row in await tx.fetch(OF_SKU, tenant, sku)]


COUNT = """
select count(*)
from unreadable
where tenant = $1
  and sku = $2
"""


async def count(read: Read, tenant: str, sku: str) -> int:
    """Return how many serials of a SKU wait because they did not open."""
    return await read.value(COUNT, tenant, sku)


PUT_BACK = """
with readable as (
  delete from unreadable
  where tenant = $1
    and fingerprint = any($2::bytea[])
  returning tenant, fingerprint, sku, import_id, line, box
)
insert into serials (tenant, fingerprint, sku, import_id, line, box)
select tenant, fingerprint, sku, import_id, line, box
from readable
"""


async def put_back(tx: Tx, tenant: str, fingerprints: Sequence[bytes]) -> None:
    """Put serials that open again among the others; the stock counts them not yet."""
    await tx.execute(PUT_BACK, tenant, fingerprints)


# a serial that is imported anew is readable again
FORGET = """
delete from unreadable
where tenant = $1
  and fingerprint = any($2::bytea[])
"""


async def forget(tx: Tx, tenant: str, fingerprints: Sequence[bytes]) -> None:
    """Drop those that are imported anew."""
    await tx.execute(FORGET, tenant, fingerprints)
