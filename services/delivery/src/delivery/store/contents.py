"""Contents that nobody can need any more, and their removal from the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.db import Tx

from delivery.domain.files import Content


@dataclass(frozen=True, slots=True)
class Removal:
    """A content that is to be removed from the store; `begun_at` tells this try from others."""

    tenant: str
    content: Content
    begun_at: datetime


EXPECT = """
insert into contents (tenant, sha256, size, etag, stored_at, verified_at, unneeded_since)
values ($1, $2, $3, '', $4, $4, $4)
on conflict (tenant, sha256) do nothing
"""


async def expect(tx: Tx, tenant: str, sha256: str, size: int) -> None:
    """Record what is about to be stored, so that it is removed if whoever stores it dies before a file has it."""
    await tx.execute(EXPECT, tenant, sha256, size, tx.now)


# a file as it is now, or a retired one while a paid link has it
NEEDED = """
exists(
  select
  from files
  where files.tenant = contents.tenant
    and files.sha256 = contents.sha256
    and (
      files.kept_before is null
      or exists(
        select
        from grants
        where grants.tenant = files.tenant
          and grants.sku = files.sku
          and grants.valid_until > $1
          and grants.granted_at < files.kept_before
          and grants.revoked_at is null
      )
    )
)
"""

MARK = f"""
with found as (
  select tenant, sha256, {NEEDED} as needed
  from contents
  where removing_at is null
)
update contents
set unneeded_since = case when found.needed then null else $1 end
from found
where contents.tenant = found.tenant
  and contents.sha256 = found.sha256
  and contents.removing_at is null
  and found.needed = (contents.unneeded_since is not null)
"""  # noqa: S608 -- made of parts of this file


async def mark(tx: Tx) -> None:
    """Record from when on contents are needed by nobody; those that are needed again count anew."""
    await tx.execute(MARK, tx.now)


CLAIM = f"""
with due as (
  select tenant, sha256
  from contents
  where unneeded_since <= $2
    and not {NEEDED}
    and (removing_at is null or removing_at < clock_timestamp() - interval '10 minutes')
  order by unneeded_since
  limit $3
  for update skip locked
)
update contents
set removing_at = clock_timestamp()
from due
where contents.tenant = due.tenant
  and contents.sha256 = due.sha256
returning contents.tenant, contents.sha256, contents.size,
          case when contents.damaged_at is null then contents.etag else '' end as etag, contents.removing_at
"""  # noqa: S608 -- made of parts of this file


async def claim(tx: Tx, unneeded_before: datetime, limit: int) -> Sequence[Removal]:
    """Begin to remove contents that nobody has needed since before this moment; one that was begun is tried again."""
    rows = await tx.fetch(CLAIM, tx.now, unneeded_before, limit)
    return [Removal(tenant, Content(sha256, size, etag), begun_at) for tenant, sha256, size, etag, begun_at in rows]


REMOVED = """
delete from contents
where tenant = $1
  and sha256 = $2
  and removing_at = $3
"""


async def removed(tx: Tx, removal: Removal) -> None:
    """Forget a content that is no longer in the store, unless another try has begun."""
    await tx.execute(REMOVED, removal.tenant, removal.content.sha256, removal.begun_at)
