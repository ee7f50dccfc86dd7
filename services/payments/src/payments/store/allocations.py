"""Which receipts the money is of that covers units."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from chassis.db import Read, Tx

ADD = """
insert into allocations (tenant, id, receipt_id, amount)
select $1, id, receipt_id, amount
from unnest($2::uuid[], $3::uuid[], $4::bigint[]) as named (id, receipt_id, amount)
"""


async def add(tx: Tx, tenant: str, made: Sequence[tuple[UUID, UUID, int]]) -> None:
    """Record allocations, each of so much of a receipt."""
    ids, receipt_ids, amounts = zip(*made, strict=True)
    await tx.execute(ADD, tenant, ids, receipt_ids, amounts)


FREE = """
update allocations
set amount = amount - $4
where tenant = $1
  and id = $2
  and receipt_id = $3
"""


async def free(tx: Tx, tenant: str, allocation_id: UUID, receipt_id: UUID, amount: int) -> None:
    """Record that so much of the receipt pays nothing by this allocation any more."""
    await tx.execute(FREE, tenant, allocation_id, receipt_id, amount)


SOURCES = """
select id as cover, receipt_id, amount
from allocations
where tenant = $1
  and id = any($2::uuid[])
union all
select id, id, amount
from receipts
where tenant = $1
  and id = any($2::uuid[])
order by cover, receipt_id
"""


async def sources(read: Read, tenant: str, covers: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, int]]]:
    """Return the receipts behind what covers units, and how much of each; one that pays by itself is its own."""
    found: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    for row in await read.fetch(SOURCES, tenant, covers):
        found[row["cover"]].append((row["receipt_id"], row["amount"]))
    return found
