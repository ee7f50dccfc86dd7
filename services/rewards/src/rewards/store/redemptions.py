"""What members have redeemed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed
from contracts.rewards import Addressee


@dataclass(frozen=True, slots=True)
class Redemption:
    """Points that were spent on a reward.

    `code` is a voucher's, `destination` where miles or a shipment go, while it is open, `addressee` who is written to
    until then; all are sealed to the customer's contact key. `reward_title` is in the addressee's language.
    """

    id: UUID
    customer_id: UUID
    member_id: UUID
    reward_id: str
    kind: str
    points: int
    code: Sealed | None
    redeemed_at: datetime
    fulfilled_at: datetime | None = None
    failed_at: datetime | None = None
    destination: Sealed | None = None
    reward_title: str | None = None
    addressee: Addressee | None = None


ADD = """
insert into redemptions
  (tenant, id, customer_id, member_id, reward_id, kind, points, code, redeemed_at, fulfilled_at, destination,
   reward_title, addressee)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""


async def add(tx: Tx, tenant: str, redemption: Redemption) -> None:
    """Add a redemption."""
    code, destination = (None if box is None else str(box) for box in (redemption.code, redemption.destination))
    owner = (redemption.customer_id, redemption.member_id)
    facts = (redemption.reward_id, redemption.kind, redemption.points, code)
    times = (redemption.redeemed_at, redemption.fulfilled_at)
    ended = redemption.fulfilled_at is not None
    addressee = None if ended or redemption.addressee is None else redemption.addressee.model_dump_json()
    await tx.execute(
        ADD, tenant, redemption.id, *owner, *facts, *times, destination, redemption.reward_title, addressee
    )


COUNT = """
select count(*)
from redemptions
where tenant = $1
  and customer_id = $2
  and reward_id = $3
  and failed_at is null
"""


async def count(read: Read, tenant: str, customer_id: UUID, reward_id: str) -> int:
    """Return how often a customer has redeemed a reward, without what could not be delivered."""
    return await read.value(COUNT, tenant, customer_id, reward_id)


FIND = """
select id, customer_id, member_id, reward_id, kind, points, code, redeemed_at, fulfilled_at, failed_at,
       destination, reward_title, addressee
from redemptions
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, redemption_id: UUID) -> Redemption | None:
    """Return a redemption."""
    row = await read.row(FIND, tenant, redemption_id)
    return None if row is None else _redemption(row)


END = """
update redemptions
set fulfilled_at = $3, failed_at = $4, destination = null, addressee = null
where tenant = $1
  and id = $2
"""


async def end(tx: Tx, tenant: str, redemption: Redemption) -> None:
    """Record that the reward is in the member's hands, or cannot be delivered; where it went is forgotten."""
    await tx.execute(END, tenant, redemption.id, redemption.fulfilled_at, redemption.failed_at)


NEWEST = """
select id, customer_id, member_id, reward_id, kind, points, code, redeemed_at, fulfilled_at, failed_at,
       destination, reward_title, addressee
from redemptions
where tenant = $1
  and ($2::uuid is null or customer_id = $2)
  and ($3::text is null
       or $3 = case when failed_at is not null then 'failed' when fulfilled_at is null then 'open' else 'fulfilled' end)
  and ($4::uuid is null or id < $4)
order by id desc
limit $5
"""


async def newest(
    read: Read, tenant: str, customer_id: UUID | None, state: str | None, before: UUID | None, limit: int
) -> list[Redemption]:
    """Return redemptions before the given one, newest first; of one customer, or of a state, where these are given."""
    return [_redemption(row) for row in await read.fetch(NEWEST, tenant, customer_id, state, before, limit)]


def _redemption(row: Any) -> Redemption:
    facts = dict(row)
    for name in ("code", "destination"):
        facts[name] = None if facts[name] is None else Sealed.parse(facts[name])
    facts["addressee"] = facts["addressee"] and Addressee.model_validate_json(facts["addressee"])
    return Redemption(**facts)
