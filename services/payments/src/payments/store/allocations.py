"""Which credits the money is of that covers units."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx

# Two entries of the list may be of one credit.
ADD = """
insert into allocations (tenant, allocation, receipt, amount)
values ($1, $2, $3, $4)
on conflict (tenant, allocation, receipt) do update
set amount = allocations.amount + excluded.amount
"""

FREE = """
update allocations
set amount = amount - $4
where tenant = $1
  and allocation = $2
  and receipt = $3
"""

SOURCES = """
select allocation as cover, receipt, amount
from allocations
where tenant = $1
  and allocation = any($2::uuid[])
union all
select receipt, receipt, amount
from receipts
where tenant = $1
  and receipt = any($2::uuid[])
order by cover, receipt
"""


def add(tx: Tx, tenant: str, allocation: UUID, receipt: UUID, amount: int) -> None:
    """An allocation takes so much of a credit."""
    tx.note(ADD, tenant, allocation, receipt, amount)


def free(tx: Tx, tenant: str, allocation: UUID, receipt: UUID, amount: int) -> None:
    """So much of the credit pays nothing by this allocation any more."""
    tx.note(FREE, tenant, allocation, receipt, amount)


async def sources(tx: Tx, tenant: str, covers: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, int]]]:
    """The credits behind what covers units, and how much of each; a credit that pays by itself is its own."""
    found: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    for row in await tx.fetch(SOURCES, tenant, covers):
        found[row["cover"]].append((row["receipt"], row["amount"]))
    return found
