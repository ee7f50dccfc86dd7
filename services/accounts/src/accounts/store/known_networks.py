"""Networks from which somebody has signed in, by blind index."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx

PUT = """
insert into known_networks (tenant, subject_id, network_hmac, used_at)
values ($1, $2, $3, $4)
on conflict (tenant, subject_id, network_hmac) do update
set used_at = excluded.used_at
"""


async def put(tx: Tx, tenant: str, subject_id: UUID, network_hmac: bytes) -> None:
    """Record that somebody has signed in from this network now."""
    await tx.execute(PUT, tenant, subject_id, network_hmac, tx.now)


REMOVE = """
delete from known_networks
where tenant = $1
  and subject_id = $2
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Forget from where somebody has signed in."""
    await tx.execute(REMOVE, tenant, subject_id)


REMOVE_OLD = """
delete from known_networks
where (tenant, subject_id, network_hmac) in (
  select tenant, subject_id, network_hmac
  from known_networks
  where used_at < $1
  limit 10000
)
"""


async def remove_old(tx: Tx, before: datetime) -> bool:
    """Remove networks not used since a time, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, before) > 0
