"""Who writes through a seller's aliases beside the seller's own address."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Read, Tx

from mail_relay.domain.writer import Writer

OF_SELLER = """
select id, address, added_at
from writers
where tenant = $1
  and seller = $2
order by id
"""


async def of_seller(read: Read, tenant: str, seller: str) -> Sequence[Writer]:
    """Return the further writers of a seller, the oldest first."""
    rows = await read.fetch(OF_SELLER, tenant, seller)
    return [Writer(row["id"], row["address"], row["added_at"]) for row in rows]


TURN = """
select pg_advisory_xact_lock(hashtextextended('writers ' || $1 || ' ' || $2, 0))
"""


async def take_turn(tx: Tx, tenant: str, seller: str) -> None:
    """Let nobody else change the writers of a seller until the transaction ends."""
    await tx.execute(TURN, tenant, seller)


ADD = """
insert into writers (tenant, seller, id, address, added_at)
values ($1, $2, $3, $4, $5)
"""


async def add(tx: Tx, tenant: str, seller: str, new: Writer) -> None:
    """Keep one more."""
    await tx.execute(ADD, tenant, seller, new.id, new.address, new.added_at)


REMOVE = """
with removed as (
  delete from writers
  where tenant = $1
    and seller = $2
    and id = $3
  returning tenant, seller, id, address
), former as (
  insert into former_addresses (tenant, seller, address)
  select tenant, seller, address
  from removed
  on conflict do nothing
)
select id
from removed
"""


async def remove(tx: Tx, tenant: str, seller: str, writer_id: UUID) -> bool:
    """Let one write no more; readers are still not shown the address. False where there is none."""
    return await tx.value(REMOVE, tenant, seller, writer_id) is not None
