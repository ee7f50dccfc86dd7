"""What members have redeemed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed


@dataclass(frozen=True, slots=True)
class Redemption:
    """Points that were spent on a reward; `code` is a voucher's, sealed to the customer's contact key."""

    id: UUID
    customer_id: UUID
    member_id: UUID
    reward_id: str
    kind: str
    points: int
    code: Sealed | None
    redeemed_at: datetime
    fulfilled_at: datetime | None


ADD = """
insert into redemptions
  (tenant, id, customer_id, member_id, reward_id, kind, points, code, redeemed_at, fulfilled_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def add(tx: Tx, tenant: str, redemption: Redemption) -> None:
    """Add a redemption."""
    code = None if redemption.code is None else str(redemption.code)
    owner = (redemption.customer_id, redemption.member_id)
    facts = (redemption.reward_id, redemption.kind, redemption.points, code)
    await tx.execute(ADD, tenant, redemption.id, *owner, *facts, redemption.redeemed_at, redemption.fulfilled_at)


COUNT = """
select count(*)
from redemptions
where tenant = $1
  and customer_id = $2
  and reward_id = $3
"""


async def count(read: Read, tenant: str, customer_id: UUID, reward_id: str) -> int:
    """Return how often a customer has redeemed a reward."""
    return await read.value(COUNT, tenant, customer_id, reward_id)


FIND = """
select id, customer_id, member_id, reward_id, kind, points, code, redeemed_at, fulfilled_at
from redemptions
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, redemption_id: UUID) -> Redemption | None:
    """Return a redemption."""
    row = await read.row(FIND, tenant, redemption_id)
    return None if row is None else _redemption(row)


FULFIL = """
update redemptions
set fulfilled_at = $3
where tenant = $1
  and id = $2
"""


async def fulfil(tx: Tx, tenant: str, redemption_id: UUID) -> None:
    """Record that the reward is in the member's hands."""
    await tx.execute(FULFIL, tenant, redemption_id, tx.now)


NEWEST = """
select id, customer_id, member_id, reward_id, kind, points, code, redeemed_at, fulfilled_at
from redemptions
where tenant = $1
  and ($2::uuid is null or customer_id = $2)
  and ($3::boolean is null or (fulfilled_at is not null) = $3)
  and ($4::uuid is null or id < $4)
order by id desc
limit $5
"""


async def newest(
    read: Read, tenant: str, customer_id: UUID | None, fulfilled: bool | None, before: UUID | None, limit: int
) -> list[Redemption]:
    """Return redemptions before the given one, newest first; of one customer, or of a state, where these are given."""
    return [_redemption(row) for row in await read.fetch(NEWEST, tenant, customer_id, fulfilled, before, limit)]


def _redemption(row: Any) -> Redemption:
    facts = dict(row)
    facts["code"] = None if facts["code"] is None else Sealed.parse(facts["code"])
    return Redemption(**facts)
