"""Exports of conversations, with who asked for them and who released them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx

from mail_relay.domain.export import WAITS_FOR, Export, Form

ADD = """
insert into exports (tenant, id, conversation_id, form, language, why, asked_by, asked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def add(tx: Tx, new: Export) -> None:
    """Keep that an export is asked for."""
    of = (new.conversation_id, new.form, new.language, new.why, new.asked_by, new.asked_at)
    await tx.execute(ADD, new.tenant, new.id, *of)


OF = """
select tenant, id, conversation_id, form, language, why, asked_by, asked_at, released_by, released_at, fetched_at
from exports
"""
FIND = f"{OF} where tenant = $1 and id = $2"
LOCK = f"{FIND} for update"
ASKED = f"""{OF}
where tenant = $1
  and released_at is null
  and asked_at > $2
  and ($3::uuid is null or id > $3)
order by id
limit $4
"""


async def find(read: Read, tenant: str, export_id: UUID) -> Export | None:
    """Return an export."""
    return _export(await read.row(FIND, tenant, export_id))


async def lock(tx: Tx, tenant: str, export_id: UUID) -> Export | None:
    """Lock an export and return it."""
    return _export(await tx.row(LOCK, tenant, export_id))


async def asked(read: Read, tenant: str, after: UUID | None, limit: int) -> Sequence[Export]:
    """Return the exports that wait for their release, the oldest first."""
    rows = await read.fetch(ASKED, tenant, read.now - WAITS_FOR, after, limit)
    return [found for row in rows if (found := _export(row))]


RELEASE = """
update exports
set released_by = $3, released_at = $4
where tenant = $1
  and id = $2
"""


async def release(tx: Tx, export: Export, by: str) -> None:
    """Record who has released an export, now."""
    await tx.execute(RELEASE, export.tenant, export.id, by, tx.now)


FETCH = """
update exports
set fetched_at = $3
where tenant = $1
  and id = $2
"""


async def set_fetched(tx: Tx, tenant: str, export_id: UUID, at: datetime | None) -> None:
    """Record that an export was fetched, or, None, that it was not after all."""
    await tx.execute(FETCH, tenant, export_id, at)


def _export(row: asyncpg.Record | None) -> Export | None:
    if row is None:
        return None
    return replace(Export(**dict(row)), form=Form(row["form"]))
