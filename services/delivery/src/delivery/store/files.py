"""What is stored, and which files belong to an article."""

from collections.abc import Sequence
from datetime import datetime

from chassis.db import Tx

from delivery.domain.files import Content, File

ADD_CONTENT = """
insert into contents (tenant, sha256, size, etag, stored_at, verified_at)
values ($1, $2, $3, $4, $5, $5)
on conflict (tenant, sha256) do update
set size = excluded.size, etag = excluded.etag, verified_at = excluded.verified_at, damaged_at = null
"""

FIND_CONTENT = """
select sha256, size, etag, damaged_at
from contents
where tenant = $1
  and sha256 = $2
"""

MARK_DAMAGED = """
update contents
set damaged_at = $3
where tenant = $1
  and sha256 = $2
  and etag = $4
  and damaged_at is null
"""

CONTENTS = """
select tenant, sha256, size, etag
from contents
where (tenant, sha256) > ($1, $2)
order by tenant, sha256
limit 100
"""

LOCK_ARTICLE = """
insert into articles (tenant, sku)
values ($1, $2)
on conflict (tenant, sku) do update
set sku = excluded.sku
"""

PUT = """
insert into files (tenant, file, sku, name, version, media_type, size, sha256, released_at, released_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant, sku, name) do update
set version = excluded.version,
    media_type = excluded.media_type,
    size = excluded.size,
    sha256 = excluded.sha256,
    released_at = excluded.released_at,
    released_by = excluded.released_by
where (files.version, files.media_type, files.sha256) <> (excluded.version, excluded.media_type, excluded.sha256)
returning file
"""

OF_SKUS = """
select file, sku, version, name, media_type, size, sha256, released_at
from files
where tenant = $1
  and sku = any($2::text[])
order by sku, name
"""


async def add_content(tx: Tx, tenant: str, content: Content) -> None:
    """Know what was stored and verified just now."""
    await tx.execute(ADD_CONTENT, tenant, content.sha256, content.size, content.etag, tx.now)


async def find_content(tx: Tx, tenant: str, sha256: str) -> tuple[Content, datetime | None] | None:
    """What is stored under this hash, and since when it is known to be damaged."""
    row = await tx.row(FIND_CONTENT, tenant, sha256)
    return None if row is None else (Content(row["sha256"], row["size"], row["etag"]), row["damaged_at"])


async def mark_damaged(tx: Tx, tenant: str, content: Content) -> None:
    """Serve this no more until it is verified; nothing happens where something else was stored since."""
    await tx.execute(MARK_DAMAGED, tenant, content.sha256, tx.now, content.etag)


async def contents(tx: Tx, after: tuple[str, str]) -> list[tuple[str, Content]]:
    """What is stored for every tenant, a hundred at a time behind the given place."""
    rows = await tx.fetch(CONTENTS, *after)
    return [(row["tenant"], Content(row["sha256"], row["size"], row["etag"])) for row in rows]


async def lock_article(tx: Tx, tenant: str, sku: str) -> None:
    """Let nobody else change the files of an article meanwhile."""
    await tx.execute(LOCK_ARTICLE, tenant, sku)


async def put(tx: Tx, tenant: str, file: File, by: str) -> bool:
    """Set a file of an article by its name; false where nothing changes."""
    facts = (file.sku, file.name, file.version, file.media_type, file.size, file.sha256, file.released_at)
    return await tx.value(PUT, tenant, file.file, *facts, by) is not None


async def of_skus(tx: Tx, tenant: str, skus: Sequence[str]) -> dict[str, list[File]]:
    """The files of articles by SKU, each in the order of their names."""
    found: dict[str, list[File]] = {}
    for row in await tx.fetch(OF_SKUS, tenant, skus):
        found.setdefault(row["sku"], []).append(File(**dict(row)))
    return found
