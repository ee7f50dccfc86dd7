"""Which e-mail carries which link or key to which unit."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx

# a link's digest or a licence's bytes, and a unit that it is for
Carried = tuple[bytes, UUID]

CARRY = """
insert into carried (tenant, order_id, part, unit, emailed_in)
select $1, $2, part, unit, $3
from unnest($4::bytea[], $5::uuid[]) as said (part, unit)
on conflict (tenant, order_id, part, unit) do update
set emailed_in = excluded.emailed_in
"""

ASSUME = """
insert into carried (tenant, order_id, part, unit, emailed_in)
select distinct $1, $2::uuid, part, unit, $3::integer
from unnest($4::bytea[], $5::uuid[]) as said (part, unit)
on conflict do nothing
"""

FREE = """
delete from carried
where tenant = $1
  and order_id = $2
  and emailed_in = $3
"""

TAKE_LINKS = """
update links
set emailed_in = $3
where tenant = $1
  and order_id = $2
  and digest = any($4::bytea[])
"""

TAKE_KEYS = """
update license_keys
set emailed_in = $3
where tenant = $1
  and order_id = $2
  and license = any($4::uuid[])
"""

FREE_LINKS = """
update links
set emailed_in = null
where tenant = $1
  and order_id = $2
  and emailed_in = $3
"""

FREE_KEYS = """
update license_keys
set emailed_in = null
where tenant = $1
  and order_id = $2
  and emailed_in = $3
"""


async def take(
    tx: Tx, tenant: str, order: UUID, sequence: int, links: Sequence[Carried], keys: Sequence[tuple[UUID, UUID]]
) -> None:
    """Let an e-mail carry these links and keys, each with a unit that it is for."""
    digests, licenses = {digest for digest, _ in links}, {license_id for license_id, _ in keys}
    if links:
        await tx.execute(TAKE_LINKS, tenant, order, sequence, list(digests))
    if keys:
        await tx.execute(TAKE_KEYS, tenant, order, sequence, list(licenses))
    parts = [*links, *((license_id.bytes, unit) for license_id, unit in keys)]
    await tx.execute(CARRY, tenant, order, sequence, *_columns(parts))


async def assume(tx: Tx, tenant: str, order: UUID, sequence: int, parts: Sequence[Carried]) -> None:
    """Take these as carried by an e-mail, unless another is known to carry them."""
    await tx.execute(ASSUME, tenant, order, sequence, *_columns(parts))


async def free(tx: Tx, tenant: str, order: UUID, sequence: int) -> None:
    """Take links and keys out of an e-mail that certainly did not reach the server."""
    for statement in (FREE, FREE_LINKS, FREE_KEYS):
        await tx.execute(statement, tenant, order, sequence)


def _columns(parts: Sequence[Carried]) -> tuple[list[bytes], list[UUID]]:
    return [part for part, _ in parts], [unit for _, unit in parts]
