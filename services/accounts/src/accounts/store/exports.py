"""Exports of all that is known of a customer, and the parts that have arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from contracts.event import Sealed

from accounts.domain.exports import OWN, Progress

ADD = """
insert into exports (tenant, id, customer_id, language, requested_at, expires_at, expected_services)
values ($1, $2, $3, $4, $5, $6, $7)
"""


async def add(
    tx: Tx,
    tenant: str,
    export_id: UUID,
    customer_id: UUID,
    language: str,
    expires_at: datetime,
    expected: Sequence[str],
) -> None:
    """Add an export that is asked for now."""
    await tx.execute(ADD, tenant, export_id, customer_id, language, tx.now, expires_at, list(expected))


REQUESTED = """
select requested_at
from exports
where tenant = $1
  and customer_id = $2
  and requested_at > $3
order by requested_at desc
"""


async def requested_since(read: Read, tenant: str, customer_id: UUID, since: datetime) -> list[datetime]:
    """Return when a customer has asked for exports since a moment, newest first."""
    return [row["requested_at"] for row in await read.fetch(REQUESTED, tenant, customer_id, since)]


ADD_PART = """
with asked as (
  select tenant, id
  from exports
  where tenant = $1
    and id = $2
    and customer_id = $3
    and removed_at is null
    and $4::text = any(expected_services || $10::text)
  for share
)
insert into export_parts (tenant, export_id, service, share_id, part, parts, box, arrived_at)
select tenant, id, $4, $5, $6, $7, $8, $9
from asked
on conflict (tenant, export_id, service, share_id, part) do nothing
"""


async def add_part(
    tx: Tx,
    tenant: str,
    export_id: UUID,
    customer_id: UUID,
    service: str,
    share_id: UUID,
    part: int,
    parts: int,
    box: Sealed,
) -> None:
    """Keep a part of an export that is there and expects this service; of any other, nothing is kept."""
    await tx.execute(ADD_PART, tenant, export_id, customer_id, service, share_id, part, parts, str(box), tx.now, OWN)


@dataclass(frozen=True, slots=True)
class Answer:
    """The share of a service, which has arrived as a whole."""

    service: str
    share_id: UUID
    parts: int
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Export:
    """An export, and the shares that have arrived, in the order of their services."""

    id: UUID
    customer_id: UUID
    language: str
    requested_at: datetime
    expires_at: datetime
    removed_at: datetime | None
    expected: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def progress(self) -> Progress:
        """How far it is."""
        answered = {answer.service for answer in self.answers}
        return Progress(self.requested_at, self.expires_at, self.removed_at, self.expected, answered)


SELECT = """
select id, customer_id, language, requested_at, expires_at, removed_at,
       -- of those who were asked, the ones that are still installed
       array(select name from services where name = any(expected_services) order by name) as expected
from exports
where tenant = $1
  and customer_id = $2
"""

FIND = f"""
{SELECT}
  and id = $3
"""


async def find(read: Read, tenant: str, customer_id: UUID, export_id: UUID) -> Export | None:
    """Return an export of a customer, if there is one."""
    return next(iter(await _exports(read, tenant, await read.fetch(FIND, tenant, customer_id, export_id))), None)


NEWEST = f"""
{SELECT}
  and ($3::timestamptz is null or (requested_at, id) < ($3, $4))
order by requested_at desc, id desc
limit $5
"""


async def newest(
    read: Read, tenant: str, customer_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Export]:
    """Return a customer's exports after this position, newest first, at most `limit`."""
    rows = await read.fetch(NEWEST, tenant, customer_id, *(after or (None, None)), limit)
    return await _exports(read, tenant, rows)


ANSWERS = """
select distinct on (export_id, service) export_id, service, share_id, parts, arrived_at
from (
  select export_id, service, share_id, max(parts) as parts, count(*) as arrived, max(arrived_at) as arrived_at
  from export_parts
  where tenant = $1
    and export_id = any($2::uuid[])
  group by export_id, service, share_id
) as shares
where arrived = parts
order by export_id, service, arrived_at, share_id
"""


async def _exports(read: Read, tenant: str, rows: Sequence[asyncpg.Record]) -> list[Export]:
    answers: dict[UUID, list[Answer]] = {row["id"]: [] for row in rows}
    for row in await read.fetch(ANSWERS, tenant, list(answers)) if answers else []:
        answer = Answer(row["service"], row["share_id"], row["parts"], row["arrived_at"])
        answers[row["export_id"]].append(answer)
    return [_export(row, answers[row["id"]]) for row in rows]


def _export(row: asyncpg.Record, answers: Sequence[Answer]) -> Export:
    facts: dict[str, Any] = dict(row)
    facts["expected"] = (OWN, *facts["expected"])
    return Export(**facts, answers=tuple(answers))


PART = """
select box
from export_parts
where tenant = $1
  and export_id = $2
  and service = $3
  and share_id = $4
  and part = $5
"""


async def part(read: Read, tenant: str, export_id: UUID, answer: Answer, number: int) -> Sealed | None:
    """Return a part of a share; None where the export was removed meanwhile."""
    box = await read.value(PART, tenant, export_id, answer.service, answer.share_id, number)
    return None if box is None else Sealed.parse(box)


EXPIRED = """
update exports
set removed_at = $1
where (tenant, id) in (
  select tenant, id
  from exports
  where expires_at <= $1
    and removed_at is null
  order by expires_at
  limit $2
  for update skip locked
)
returning tenant, id
"""

REMOVE_PARTS = """
delete from export_parts
using unnest($1::text[], $2::uuid[]) as removed (tenant, id)
where export_parts.tenant = removed.tenant
  and export_parts.export_id = removed.id
"""


async def expire(tx: Tx, limit: int) -> list[tuple[str, UUID]]:
    """Remove what has arrived for exports whose time is over, and return them with their tenants."""
    expired = [(row["tenant"], row["id"]) for row in await tx.fetch(EXPIRED, tx.now, limit)]
    await tx.execute(REMOVE_PARTS, [tenant for tenant, _ in expired], [id_ for _, id_ in expired])
    return expired


FORGET = """
delete from exports
where expires_at <= $1
  and removed_at is not null
"""


async def forget(tx: Tx, before: datetime) -> None:
    """Forget that there were exports whose time was over before a moment."""
    await tx.execute(FORGET, before)


REMOVE = """
delete from exports
where tenant = $1
  and customer_id = $2
returning id
"""


async def remove(tx: Tx, tenant: str, customer_id: UUID) -> list[UUID]:
    """Remove all exports of a customer with all that has arrived, and return them."""
    return [row["id"] for row in await tx.fetch(REMOVE, tenant, customer_id)]
