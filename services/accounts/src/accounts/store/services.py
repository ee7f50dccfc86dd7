"""The credentials of services, which belong to the installation, not to a tenant."""

from chassis.db import Read, Tx

PUT = """
insert into services (name, secret_hashes)
values ($1, $2)
on conflict (name) do update
set secret_hashes = excluded.secret_hashes
"""


async def put(tx: Tx, service: str, secret_hashes: list[bytes]) -> None:
    """Let a service identify itself with these secrets, and no others."""
    await tx.execute(PUT, service, secret_hashes)


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


HASHES = """
select secret_hashes
from services
where name = $1
"""


async def secret_hashes(read: Read, service: str) -> list[bytes]:
    """Return the hashes of a service's secrets; none where the service is not known."""
    return await read.value(HASHES, service) or []
