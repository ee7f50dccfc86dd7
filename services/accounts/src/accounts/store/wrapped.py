"""What the master key wraps, in whichever table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Read, Tx

FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table with wrapped keys: the columns that find a row, of the id under which it is wrapped, and of the box."""

    table: str
    scope: str
    place: str
    id: str
    box: str


SHELVES = (
    Shelf("private_keys", "tenant", "key_id", "key_id", "wrapped_key"),
    Shelf("second_factors", "tenant", "subject_id", "id", "wrapped_secret"),
    Shelf("tenants", "id", "index_key_id", "index_key_id", "wrapped_index_key"),
    Shelf("signing_keys", "''::text", "id", "id", "wrapped_key"),
)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A wrapped key, where it lies, and the id under which it is wrapped."""

    scope: str
    place: UUID
    id: UUID
    box: bytes = field(repr=False)


COUNT = """
select count(*)
from {shelf.table}
"""


async def count(read: Read, shelf: Shelf) -> int:
    """Return how many wrapped keys there are."""
    return await read.value(COUNT.format(shelf=shelf))


AFTER = """
select {shelf.scope} as scope, {shelf.place} as place, {shelf.id} as id, {shelf.box} as box
from {shelf.table}
where ({shelf.scope}, {shelf.place}) > ($1::text, $2::uuid)
order by 1, 2
limit $3
"""


async def after(read: Read, shelf: Shelf, scope: str, place: UUID, limit: int) -> list[Wrapped]:
    """Return at most `limit` wrapped keys after this place."""
    return [Wrapped(**dict(row)) for row in await read.fetch(AFTER.format(shelf=shelf), scope, place, limit)]


REPLACE = """
update {shelf.table}
set {shelf.box} = anew.next_box
from unnest($1::text[], $2::uuid[], $3::bytea[], $4::bytea[]) as anew (at_scope, at_place, last_box, next_box)
where {shelf.scope} = anew.at_scope
  and {shelf.place} = anew.at_place
  and {shelf.box} = anew.last_box
"""


async def replace(tx: Tx, shelf: Shelf, found: Sequence[Wrapped], boxes: Sequence[bytes]) -> None:
    """Put other boxes in place of these, except where one was destroyed or replaced meanwhile."""
    columns = ([one.scope for one in found], [one.place for one in found], [one.box for one in found], list(boxes))
    await tx.execute(REPLACE.format(shelf=shelf), *columns)
