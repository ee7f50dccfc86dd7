"""What members have redeemed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.event import Sealed

ADD = """
insert into redemptions (tenant, redemption, customer, member, reward, kind, points, code, redeemed_at, fulfilled_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

COUNT = """
select count(*)
from redemptions
where tenant = $1
  and customer = $2
  and reward = $3
"""

FIND = """
select redemption, customer, member, reward, kind, points, code, redeemed_at, fulfilled_at
from redemptions
where tenant = $1
  and redemption = $2
"""

LOCK = FIND + "for update"

FULFIL = """
update redemptions
set fulfilled_at = $3
where tenant = $1
  and redemption = $2
"""

NEWEST = """
select redemption, customer, member, reward, kind, points, code, redeemed_at, fulfilled_at
from redemptions
where tenant = $1
  and ($2::uuid is null or customer = $2)
  and ($3::boolean is null or (fulfilled_at is not null) = $3)
  and ($4::uuid is null or redemption < $4)
order by redemption desc
limit $5
"""


@dataclass(frozen=True, slots=True)
class Redemption:
    """Points that were spent on a reward; `code` is a voucher's, sealed to the customer's contact key."""

    redemption: UUID
    customer: UUID
    member: UUID
    reward: str
    kind: str
    points: int
    code: Sealed | None
    redeemed_at: datetime
    fulfilled_at: datetime | None


async def add(tx: Tx, tenant: str, made: Redemption) -> None:
    """Keep a redemption."""
    code = None if made.code is None else str(made.code)
    facts = (made.customer, made.member, made.reward, made.kind, made.points, code)
    await tx.execute(ADD, tenant, made.redemption, *facts, made.redeemed_at, made.fulfilled_at)


async def count(tx: Tx, tenant: str, customer: UUID, reward: str) -> int:
    """How often a customer has redeemed a reward."""
    return await tx.value(COUNT, tenant, customer, reward)


async def find(tx: Tx, tenant: str, redemption: UUID) -> Redemption | None:
    """A redemption, for reading."""
    return _redemption(await tx.row(FIND, tenant, redemption))


async def lock(tx: Tx, tenant: str, redemption: UUID) -> Redemption | None:
    """A redemption that nobody else changes meanwhile."""
    return _redemption(await tx.row(LOCK, tenant, redemption))


async def fulfil(tx: Tx, tenant: str, redemption: UUID) -> None:
    """The reward is in the member's hands."""
    await tx.execute(FULFIL, tenant, redemption, tx.now)


async def newest(
    tx: Tx, tenant: str, customer: UUID | None, fulfilled: bool | None, before: UUID | None, limit: int
) -> list[Redemption]:
    """Redemptions before the given one, newest first; of one customer, or of a state, where these are given."""
    rows = await tx.fetch(NEWEST, tenant, customer, fulfilled, before, limit)
    return [made for row in rows if (made := _redemption(row)) is not None]


def _redemption(row: Any) -> Redemption | None:
    if row is None:
        return None
    facts = dict(row)
    facts["code"] = None if facts["code"] is None else Sealed.parse(facts["code"])
    return Redemption(**facts)
