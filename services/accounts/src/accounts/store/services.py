"""The credentials of services; they are the house's, not a tenant's."""

from chassis.db import Tx

PUT = """
insert into services (service, secret_hash)
values ($1, $2)
on conflict (service) do update
set secret_hash = excluded.secret_hash
"""

HASH = """
select secret_hash
from services
where service = $1
"""


async def put(tx: Tx, service: str, secret_hash: bytes) -> None:
    """Let a service identify itself with this secret, and no other."""
    await tx.execute(PUT, service, secret_hash)


async def secret_hash(tx: Tx, service: str) -> bytes | None:
    """The hash of a service's secret."""
    return await tx.value(HASH, service)
