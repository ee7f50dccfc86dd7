"""The ledger: postings and entries are only ever added; lots keep what is left of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

from rewards.domain.ledger import Entries, Lot
from rewards.domain.rules import Award

OPEN_LOTS = """
select lot, remaining, accrued_at, expires_at
from lots
where tenant = $1
  and member = $2
  and remaining <> 0
"""

OF_MEETINGS = """
select lot, meeting, rule, rule_version, earned, points, remaining, forgiven, accrued_at, expires_at, reversed_at
from lots
where tenant = $1
  and member = $2
  and meeting = any($3::uuid[])
order by accrued_at, lot
"""

ADD_POSTING = """
insert into postings
  (tenant, posting, member, kind, points, meeting, rule, rule_version, redemption, reward, event, arithmetic,
   posted_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""

ADD_LOT = """
insert into lots
  (tenant, lot, member, meeting, rule, rule_version, earned, points, remaining, accrued_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)
"""

ADD_ENTRIES = """
with entered as (
  insert into entries (tenant, posting, lot, points)
  select $1, $2, lot, points
  from unnest($3::uuid[], $4::bigint[]) as said (lot, points)
  returning lot, points
)
update lots
set remaining = remaining + entered.points
from entered
where lots.tenant = $1
  and lots.lot = entered.lot
"""

REVERSE = """
update lots
set reversed_at = $3, forgiven = $4
where tenant = $1
  and lot = $2
"""

BALANCE = """
select coalesce(sum(remaining), 0)::bigint
from lots
where tenant = $1
  and member = $2
  and remaining <> 0
"""

NEWEST = """
select posting, place, kind, points, meeting, rule, rule_version, redemption, reward, event, arithmetic, posted_at
from postings
where tenant = $1
  and member = $2
  and ($3::bigint is null or place < $3)
order by place desc
limit $4
"""


@dataclass(frozen=True, slots=True)
class Accrued:
    """A lot and what it was for; `earned` is what the meeting was worth, `points` what was credited."""

    lot: Lot
    meeting: UUID
    rule: str
    rule_version: int
    earned: int
    points: int
    forgiven: int
    reversed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Posting:
    """A change of the balance, and why."""

    posting: UUID
    member: UUID
    kind: str
    points: int
    arithmetic: str
    meeting: UUID | None = None
    rule: str | None = None
    rule_version: int | None = None
    redemption: UUID | None = None
    reward: str | None = None


async def open_lots(tx: Tx, tenant: str, member: UUID) -> list[Lot]:
    """The lots of a member that have something left, or owe something."""
    return [Lot(**dict(row)) for row in await tx.fetch(OPEN_LOTS, tenant, member)]


async def of_meetings(tx: Tx, tenant: str, member: UUID, meetings: Iterable[UUID]) -> list[Accrued]:
    """What a member's meetings have brought so far."""
    return [_accrued(dict(row)) for row in await tx.fetch(OF_MEETINGS, tenant, member, list(meetings))]


async def post(tx: Tx, tenant: str, posting: Posting, entries: Entries) -> None:
    """Add a posting and change the lots by its entries."""
    await tx.execute(
        ADD_POSTING,
        tenant,
        posting.posting,
        posting.member,
        posting.kind,
        posting.points,
        posting.meeting,
        posting.rule,
        posting.rule_version,
        posting.redemption,
        posting.reward,
        None if tx.cause is None else tx.cause.id,
        posting.arithmetic,
        tx.now,
    )
    await tx.execute(ADD_ENTRIES, tenant, posting.posting, list(entries), list(entries.values()))


async def add_lot(tx: Tx, tenant: str, member: UUID, lot: Lot, award: Award) -> None:
    """Begin a lot, with nothing in it yet."""
    facts = (award.meeting, award.rule, award.version, award.points, lot.remaining)
    await tx.execute(ADD_LOT, tenant, lot.lot, member, *facts, lot.accrued_at, lot.expires_at)


async def reverse(tx: Tx, tenant: str, lot: UUID, forgiven: int) -> None:
    """What this lot was for earns it no longer."""
    await tx.execute(REVERSE, tenant, lot, tx.now, forgiven)


async def balance(tx: Tx, tenant: str, member: UUID) -> int:
    """The points a member has."""
    return await tx.value(BALANCE, tenant, member)


async def newest(tx: Tx, tenant: str, member: UUID, before: int | None, limit: int) -> Sequence[dict[str, Any]]:
    """A member's postings before the given place, newest first."""
    return [dict(row) for row in await tx.fetch(NEWEST, tenant, member, before, limit)]


def _accrued(row: dict[str, Any]) -> Accrued:
    lot = Lot(row.pop("lot"), row.pop("remaining"), row.pop("accrued_at"), row.pop("expires_at"))
    return Accrued(lot=lot, **row)
