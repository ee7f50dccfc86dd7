"""Which e-mail carries which link or key to which unit."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx

# a link's digest or a licence's bytes, and a unit that it is for
Carried = tuple[bytes, UUID]

# Before the statement that leases an e-mail ($1 tenant, $2 order, $3 its number): parts $4 it carries to units $5.
TAKE = """
with taken_links as (
  update links
  set emailed_in = $3
  where tenant = $1
    and order_id = $2
    and digest = any($4::bytea[])
), taken_keys as (
  update license_keys
  set emailed_in = $3
  where tenant = $1
    and order_id = $2
    and uuid_send(license) = any($4::bytea[])
), taken as (
  insert into carried (tenant, order_id, part, unit, emailed_in)
  select $1, $2, part, unit, $3
  from unnest($4::bytea[], $5::uuid[]) as said (part, unit)
  on conflict (tenant, order_id, part, unit) do update
  set emailed_in = excluded.emailed_in
)
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


def assume(tx: Tx, tenant: str, order: UUID, sequence: int, parts: Sequence[Carried]) -> None:
    """Take these as carried by an e-mail, unless another is known to carry them."""
    tx.note(ASSUME, tenant, order, sequence, *columns(parts))


def free(tx: Tx, tenant: str, order: UUID, sequence: int) -> None:
    """Take links and keys out of an e-mail that certainly did not reach the server."""
    for statement in (FREE, FREE_LINKS, FREE_KEYS):
        tx.note(statement, tenant, order, sequence)


def columns(parts: Sequence[Carried]) -> tuple[list[bytes], list[UUID]]:
    """The parts and, in the same order, their units."""
    return [part for part, _ in parts], [unit for _, unit in parts]
