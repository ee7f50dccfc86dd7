"""Which pictures are in the store, and which of them nothing shows any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.db import Read, Tx


@dataclass(frozen=True, slots=True)
class Removal:
    """A picture that is to be removed from the store; `leaving_at` tells this try from others."""

    tenant: str
    hash: str
    leaving_at: datetime


EXPECT = """
insert into pictures (tenant, hash, width, height, kept_until)
values ($1, $2, $3, $4, $5)
on conflict (tenant, hash) do update
set kept_until = excluded.kept_until
where pictures.leaving_at is null
returning true
"""


async def expect(tx: Tx, tenant: str, picture: str, width: int, height: int, kept: timedelta) -> bool:
    """Record what is about to be stored; returns False where the same picture is being removed."""
    return bool(await tx.value(EXPECT, tenant, picture, width, height, tx.now + kept))


KNOWN = """
select true
from pictures
where tenant = $1
  and hash = $2
  and leaving_at is null
"""


async def known(read: Read, tenant: str, picture: str) -> bool:
    """Return whether a tenant has a picture."""
    return bool(await read.value(KNOWN, tenant, picture))


HOLD = """
select true
from pictures
where tenant = $1
  and hash = $2
  and leaving_at is null
for update
"""


async def hold(tx: Tx, tenant: str, picture: str) -> bool:
    """Keep a picture from being removed until the transaction ends; returns False where that has begun."""
    return bool(await tx.value(HOLD, tenant, picture))


CLAIM = """
with due as (
  select s.tenant, s.hash
  from pictures s
  where s.kept_until < $1
    and not exists (
      select from presentations p
      where p.tenant = s.tenant
        and p.picture = s.hash
    )
    and (s.leaving_at is null or s.leaving_at < clock_timestamp() - interval '10 minutes')
  order by s.kept_until
  limit $2
  for update skip locked
)
update pictures
set leaving_at = clock_timestamp()
from due
where pictures.tenant = due.tenant
  and pictures.hash = due.hash
returning pictures.tenant, pictures.hash, pictures.leaving_at
"""


async def claim(tx: Tx, limit: int) -> Sequence[Removal]:
    """Begin to remove pictures that nothing shows; one that was begun long ago is tried again."""
    return [Removal(**dict(row)) for row in await tx.fetch(CLAIM, tx.now, limit)]


REMOVED = """
delete from pictures
where tenant = $1
  and hash = $2
  and leaving_at = $3
"""


async def removed(tx: Tx, removal: Removal) -> None:
    """Forget a picture that is no longer in the store, unless another try has begun."""
    await tx.execute(REMOVED, removal.tenant, removal.hash, removal.leaving_at)
