"""The tenants that a service knows to be open, so that a mistyped one is not taken for a new one."""

from collections.abc import Sequence

from chassis.db.transaction import Read, Tx

RECORD = """
insert into chassis.tenants (id)
select id
from unnest($1::text[]) as one (id)
order by id
on conflict (id) do nothing
"""


async def record_tenants(tx: Tx, tenants: Sequence[str]) -> None:
    """Know from now on that these tenants are open."""
    await tx.execute(RECORD, tenants)


KNOWN = """
select id
from chassis.tenants
order by id
"""


async def known_tenants(read: Read) -> list[str]:
    """Return the ids of all tenants that are known to be open."""
    return [row["id"] for row in await read.fetch(KNOWN)]
