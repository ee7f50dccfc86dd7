"""What is stored, and which files belong to an article."""

from collections.abc import Sequence
from datetime import datetime

from chassis.db import Read, Tx

from delivery.domain.files import Content, File

ADD_CONTENT = """
insert into contents (tenant, sha256, size, etag, stored_at, verified_at)
values ($1, $2, $3, $4, $5, $5)
on conflict (tenant, sha256) do update
set size = excluded.size, etag = excluded.etag, verified_at = excluded.verified_at, damaged_at = null,
    unneeded_since = null
where contents.removing_at is null
returning sha256
"""


async def add_content(tx: Tx, tenant: str, content: Content) -> bool:
    """Record what was stored and verified just now, as needed; false where it is being removed."""
    facts = (content.sha256, content.size, content.etag, tx.now)
    return await tx.value(ADD_CONTENT, tenant, *facts) is not None


FIND_CONTENT = """
select sha256, size, etag, damaged_at
from contents
where tenant = $1
  and sha256 = $2
  and removing_at is null
"""


async def find_content(read: Read, tenant: str, sha256: str) -> tuple[Content, datetime | None] | None:
    """Return what is stored under this hash, and since when it is known to be damaged."""
    row = await read.row(FIND_CONTENT, tenant, sha256)
    return None if row is None else (Content(row["sha256"], row["size"], row["etag"]), row["damaged_at"])


MARK_DAMAGED = """
update contents
set damaged_at = $3
where tenant = $1
  and sha256 = $2
  and etag = $4
  and damaged_at is null
"""


async def mark_damaged(tx: Tx, tenant: str, content: Content) -> None:
    """Serve this no more until it is verified; nothing happens where something else was stored since."""
    await tx.execute(MARK_DAMAGED, tenant, content.sha256, tx.now, content.etag)


CONTENTS = """
select tenant, sha256, size, etag
from contents
where (tenant, sha256) > ($1, $2)
  and unneeded_since is null
order by tenant, sha256
limit 100
"""


async def contents(read: Read, after: tuple[str, str]) -> list[tuple[str, Content]]:
    """Return what is stored and needed for every tenant, a hundred at a time behind the given tenant and hash."""
    rows = await read.fetch(CONTENTS, *after)
    return [(row["tenant"], Content(row["sha256"], row["size"], row["etag"])) for row in rows]


LOCK_ARTICLE = """
select pg_advisory_xact_lock(hashtextextended('article ' || $1 || ' ' || $2, 0))
"""


async def lock_article(tx: Tx, tenant: str, sku: str) -> None:
    """Let nobody else change the files of an article before the transaction ends."""
    await tx.execute(LOCK_ARTICLE, tenant, sku)


PUT = """
insert into files (tenant, id, sku, name, version, media_type, size, sha256, released_at, released_by, added_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)
on conflict (tenant, sku, name) do update
set version = excluded.version,
    media_type = excluded.media_type,
    size = excluded.size,
    sha256 = excluded.sha256,
    released_at = excluded.released_at,
    released_by = excluded.released_by,
    retired_at = null,
    kept_before = null
where (files.version, files.media_type, files.sha256) <> (excluded.version, excluded.media_type, excluded.sha256)
   or files.kept_before is not null
returning id
"""


async def put(tx: Tx, tenant: str, file: File, by: str) -> bool:
    """Set a file of an article by its name; false where nothing changes."""
    facts = (file.sku, file.name, file.version, file.media_type, file.size, file.sha256, file.released_at)
    return await tx.value(PUT, tenant, file.id, *facts, by) is not None


RENAME = """
update files
set name = $4
where tenant = $1
  and sku = $2
  and name = $3
  and kept_before is null
  and not exists(select from files as there where there.tenant = $1 and there.sku = $2 and there.name = $4)
returning id
"""


async def rename(tx: Tx, tenant: str, sku: str, name: str, new_name: str) -> bool:
    """Give a file of a locked article another name; false where it is not there, or another one has had that name."""
    return await tx.value(RENAME, tenant, sku, name, new_name) is not None


RETIRE = """
update files
set retired_at = $4, kept_before = case when $5::boolean then '-infinity' else $4::timestamptz end
where tenant = $1
  and sku = $2
  and name = $3
  and (kept_before is null or $5::boolean and kept_before > '-infinity')
returning id
"""


async def retire(tx: Tx, tenant: str, sku: str, name: str, *, for_everybody: bool) -> bool:
    """Offer a file no more, to new links or to any; false where nothing changes."""
    return await tx.value(RETIRE, tenant, sku, name, tx.now, for_everybody) is not None


# Whether a grant's link has a file: retired ones stay with links that were granted before, as long as they are stored.
KEPT = """
(
  files.kept_before is null
  or grants.granted_at < files.kept_before and exists(
    select
    from contents
    where contents.tenant = files.tenant
      and contents.sha256 = files.sha256
      and contents.removing_at is null
  )
)
"""

# in the order of `File`
COLUMNS = """
       files.id, files.sku, files.version, files.name, files.media_type, files.size, files.sha256, files.released_at
"""

OF_ARTICLE = f"""
select {COLUMNS}
from files
where tenant = $1
  and sku = $2
  and kept_before is null
order by name
"""  # noqa: S608 -- made of parts of this file


async def of_article(read: Read, tenant: str, sku: str) -> Sequence[File]:
    """Return the files of an article in the order of their names."""
    return [File(*row) for row in await read.fetch(OF_ARTICLE, tenant, sku)]
