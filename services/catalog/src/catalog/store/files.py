"""What buyers of an article are delivered: a copy of what delivery publishes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

import orjson
from chassis.db import Read, Tx

from catalog.domain.presentation import File

COPY = """
insert into files (tenant, sku, files, released_at)
values ($1, $2, $3::jsonb, $4)
on conflict (tenant, sku) do update
set files = excluded.files,
    released_at = excluded.released_at
where files.released_at <= excluded.released_at
"""


async def copy(tx: Tx, tenant: str, sku: str, files: Sequence[File], released_at: datetime) -> None:
    """Store the files of an article, unless later ones are known."""
    await tx.execute(COPY, tenant, sku, orjson.dumps([asdict(file) for file in files]).decode(), released_at)


OF = """
select sku, files::text as files
from files
where tenant = $1
  and sku = any($2::text[])
"""


async def of(read: Read, tenant: str, skus: Iterable[str]) -> dict[str, list[File]]:
    """Return the files of these articles, of those that have any."""
    rows = await read.fetch(OF, tenant, list(skus))
    return {row["sku"]: [File(**file) for file in orjson.loads(row["files"])] for row in rows}
