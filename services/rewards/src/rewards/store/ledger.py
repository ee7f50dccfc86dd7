"""The ledger: postings and entries are only ever added; lots keep what is left of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx

from rewards.domain.arithmetic import Arithmetic
from rewards.domain.ledger import Entries, Lot
from rewards.domain.rules import Award


@dataclass(frozen=True, slots=True)
class Accrual:
    """A lot and what it is for; `earned` is what the meeting was worth, `points` what was credited.

    `forgiven` points stayed with the member when it was reversed, `expired` ones had expired before.
    """

    lot: Lot
    meeting_id: UUID
    rule_id: str
    rule_version: int
    earned: int
    points: int
    forgiven: int
    expired: int
    reversed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Posting:
    """A change of the balance, and why."""

    id: UUID
    member_id: UUID
    kind: str
    points: int
    arithmetic: Arithmetic
    meeting_id: UUID | None = None
    rule_id: str | None = None
    rule_version: int | None = None
    redemption_id: UUID | None = None
    reward_id: str | None = None


OPEN_LOTS = """
select id, remaining, accrued_at, expires_at
from lots
where tenant = $1
  and member_id = $2
  and remaining <> 0
"""


async def open_lots(read: Read, tenant: str, member_id: UUID) -> list[Lot]:
    """Return the lots of a member that have something left, or owe something."""
    return [Lot(**dict(row)) for row in await read.fetch(OPEN_LOTS, tenant, member_id)]


OF_REDEMPTION = """
select lots.id, lots.remaining, lots.accrued_at, lots.expires_at, entries.points
from postings
join entries on entries.tenant = postings.tenant and entries.posting_id = postings.id
join lots on lots.tenant = entries.tenant and lots.id = entries.lot_id
where postings.tenant = $1
  and postings.member_id = $2
  and postings.redemption_id = $3
  and postings.kind = 'redemption'
"""


async def of_redemption(read: Read, tenant: str, member_id: UUID, redemption_id: UUID) -> tuple[list[Lot], Entries]:
    """Return the lots from which a redemption has taken points, as they are now, and what it took of each."""
    rows = await read.fetch(OF_REDEMPTION, tenant, member_id, redemption_id)
    lots = [Lot(row["id"], row["remaining"], row["accrued_at"], row["expires_at"]) for row in rows]
    return lots, {row["id"]: row["points"] for row in rows}


OF_MEETINGS = """
select id, meeting_id, rule_id, rule_version, earned, points, remaining, forgiven, expired, accrued_at, expires_at,
       reversed_at
from lots
where tenant = $1
  and member_id = $2
  and meeting_id = any($3::uuid[])
order by accrued_at, id
"""


async def of_meetings(read: Read, tenant: str, member_id: UUID, meeting_ids: Iterable[UUID]) -> list[Accrual]:
    """Return what a member's meetings have earned so far, with what is reversed."""
    return [_accrual(dict(row)) for row in await read.fetch(OF_MEETINGS, tenant, member_id, list(meeting_ids))]


ADD_POSTING = """
insert into postings
  (tenant, id, member_id, kind, points, meeting_id, rule_id, rule_version, redemption_id, reward_id, event_id,
   arithmetic, facts, posted_at)
select $1, id, member_id, kind, points, meeting_id, rule_id, rule_version, redemption_id, reward_id, $3, $5, arithmetic,
       $4
from jsonb_to_record($2::jsonb) as posting
  (id uuid, member_id uuid, kind text, points bigint, arithmetic jsonb, meeting_id uuid, rule_id text,
   rule_version integer, redemption_id uuid, reward_id text)
"""

ADD_ENTRIES = """
with entered as (
  insert into entries (tenant, posting_id, lot_id, points)
  select $1, $2, lot_id, points
  from unnest($3::uuid[], $4::bigint[]) as entry (lot_id, points)
  returning lot_id, points
)
update lots
set remaining = remaining + entered.points
from entered
where lots.tenant = $1
  and lots.id = entered.lot_id
"""


async def post(tx: Tx, tenant: str, posting: Posting, entries: Entries) -> None:
    """Add a posting and change the lots by its entries."""
    event_id = None if tx.cause is None else tx.cause.id
    facts, text = orjson.dumps(posting, default=str).decode(), str(posting.arithmetic)
    await tx.execute(ADD_POSTING, tenant, facts, event_id, tx.now, text)
    await tx.execute(ADD_ENTRIES, tenant, posting.id, list(entries), list(entries.values()))


ADD_LOT = """
insert into lots
  (tenant, id, member_id, meeting_id, rule_id, rule_version, earned, points, remaining, accrued_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)
"""


async def add_lot(tx: Tx, tenant: str, member_id: UUID, lot: Lot, award: Award) -> None:
    """Add a lot for an award, with nothing in it yet."""
    facts = (award.meeting_id, award.rule_id, award.rule_version, award.points, lot.remaining)
    await tx.execute(ADD_LOT, tenant, lot.id, member_id, *facts, lot.accrued_at, lot.expires_at)


REVERSE = """
update lots
set reversed_at = $3, forgiven = $4
where tenant = $1
  and id = $2
"""


async def reverse(tx: Tx, tenant: str, lot_id: UUID, forgiven: int) -> None:
    """Record that a lot is reversed, except for the points that are forgiven."""
    await tx.execute(REVERSE, tenant, lot_id, tx.now, forgiven)


EXPIRE = """
update lots
set expired = expired - entry.points
from unnest($2::uuid[], $3::bigint[]) as entry (lot_id, points)
where lots.tenant = $1
  and lots.id = entry.lot_id
"""


async def expire(tx: Tx, tenant: str, entries: Entries) -> None:
    """Record how many points of which lots have expired."""
    await tx.execute(EXPIRE, tenant, list(entries), list(entries.values()))


BALANCE = """
select coalesce(sum(remaining), 0)::bigint
from lots
where tenant = $1
  and member_id = $2
  and remaining <> 0
  and (remaining < 0 or expires_at is null or expires_at > $3)
"""


async def balance(read: Read, tenant: str, member_id: UUID) -> int:
    """Return the points a member has, without those that have expired and wait for their posting."""
    return await read.value(BALANCE, tenant, member_id, read.now)


NEWEST = """
select id as posting, position, kind, points, meeting_id as meeting, rule_id as rule, rule_version,
       redemption_id as redemption, reward_id as reward, event_id as event, arithmetic, facts, posted_at
from postings
where tenant = $1
  and member_id = $2
  and ($3::bigint is null or position < $3)
order by position desc
limit $4
"""


async def newest(read: Read, tenant: str, member_id: UUID, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Return a member's postings before the given position, newest first."""
    rows = await read.fetch(NEWEST, tenant, member_id, before, limit)
    return [{**row, "facts": orjson.loads(row["facts"])} for row in rows]


def _accrual(row: dict[str, Any]) -> Accrual:
    lot = Lot(row.pop("id"), row.pop("remaining"), row.pop("accrued_at"), row.pop("expires_at"))
    return Accrual(lot=lot, **row)
