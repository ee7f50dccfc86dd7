"""The credentials of services, which belong to the installation, not to a tenant."""

from chassis.db import Read, Tx

PUT = """
insert into services (name, secret_hash)
values ($1, $2)
on conflict (name) do update
set secret_hash = excluded.secret_hash
"""


async def put(tx: Tx, service: str, secret_hash: bytes) -> None:
    """Let a service identify itself with this secret, and no other."""
    await tx.execute(PUT, service, secret_hash)


REMOVE = """
delete from services
where name = $1
"""


async def remove(tx: Tx, service: str) -> bool:
    """Let a service identify itself no more; returns whether it was known."""
    return await tx.execute(REMOVE, service) == 1


NAMES = """
select name
from services
"""


async def names(read: Read) -> set[str]:
    """Return the names of all services that may identify themselves: those that are installed."""
    return {row["name"] for row in await read.fetch(NAMES)}


HASH = """
select secret_hash
from services
where name = $1
"""


async def secret_hash(read: Read, service: str) -> bytes | None:
    """Return the hash of a service's secret, if the service is known."""
    return await read.value(HASH, service)
