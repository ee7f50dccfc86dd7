"""What is asked of the audit log."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from chassis.db.audit import COLUMNS
from chassis.db.transaction import Read

Sought = tuple[str | None, str | None, str | None, datetime | None, datetime | None]
SHOWN = ", ".join(COLUMNS)

# what an operator does to a whole service is of no tenant, and shown to the reviewers of each
NEWEST = f"""
select {SHOWN}
from chassis.audit
where tenant in ($1, '')
  and ($2::text is null or actor = $2)
  and ($3::text is null or operation = $3)
  and ($4::text is null or object_id = $4)
  and ($5::timestamptz is null or at >= $5)
  and ($6::timestamptz is null or at < $6)
  and ($7::bigint is null or number < $7)
order by number desc
limit $8
"""  # noqa: S608 -- our own names


async def newest(
    read: Read, tenant: str, sought: Sought, before: tuple[int] | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return the rows that are sought (actor, operation, object, since, until), newest first."""
    return await read.fetch(NEWEST, tenant, *sought, before[0] if before else None, limit)


FIND = f"""
select {SHOWN}
from chassis.audit
where tenant in ($1, '')
  and number = $2
"""  # noqa: S608 -- our own names


async def find(read: Read, tenant: str, number: int) -> asyncpg.Record | None:
    """Return a row that a tenant's reviewers may see."""
    return await read.row(FIND, tenant, number)


SINCE = f"""
select {SHOWN}
from chassis.audit
where ($1::timestamptz is null or at >= $1)
order by number desc
limit $2
"""  # noqa: S608 -- our own names


async def since(read: Read, moment: datetime | None, limit: int) -> Sequence[asyncpg.Record]:
    """Return the newest rows of all tenants, the oldest of them first."""
    return list(reversed(await read.fetch(SINCE, moment, limit)))
