"""Money that staff has to send back by hand, and who has paid it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read

from payments.domain.statements import draw


@dataclass(frozen=True, slots=True)
class PayoutPart:
    """How much goes to which sealed payer; None where that is not known, or where a card has paid."""

    amount: int
    payer: str | None


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that staff has to send back by hand."""

    refund_id: UUID
    order_id: UUID
    number: str
    payment_method: str
    amount: int
    currency: str
    decided_at: datetime
    parts: tuple[PayoutPart, ...]


OPEN = """
select r.id as refund_id, r.order_id, o.number, o.payment_method, coalesce(r.reduced_to, r.amount) as amount,
       r.currency, r.decided_at
from refunds r
join orders o on o.tenant = r.tenant and o.id = r.order_id
where r.tenant = $1
  and r.state = 'payout'
  and ($2::uuid is null or r.id > $2)
order by r.id
limit $3
"""


async def open_payouts(read: Read, tenant: str, after: tuple[UUID] | None, limit: int) -> list[Payout]:
    """Return what staff has to send back by hand, oldest first."""
    rows = await read.fetch(OPEN, tenant, after and after[0], limit)
    payers = await _payers(read, tenant, [row["refund_id"] for row in rows])
    return [_payout(dict(row), payers.get(row["refund_id"], [])) for row in rows]


COUNT = """
select count(*)
from refunds
where tenant = $1
  and state = 'payout'
"""


async def count(read: Read, tenant: str) -> int:
    """Return how many payments staff has to send back by hand."""
    return await read.value(COUNT, tenant)


def _payout(facts: dict[str, Any], known: Sequence[PayoutPart]) -> Payout:
    parts = [*known, PayoutPart(facts["amount"], None)]
    drawn = zip(parts, draw([part.amount for part in parts], facts["amount"]), strict=True)
    return Payout(**facts, parts=tuple(PayoutPart(amount, part.payer) for part, amount in drawn if amount))


# The money that covers units is laid along them in their order: where a unit and a receipt overlap, the one is paid by
# the other. So the units of several refunds never draw on the same part of a receipt.
PAYERS = """
with paid_out as (
  select id, order_id, unit_ids
  from refunds
  where tenant = $1
    and id = any($2::uuid[])
),
covered as (
  select order_id, id, covered_by, gross, sum(gross) over (partition by covered_by order by position) as upto
  from units
  where tenant = $1
    and order_id in (select order_id from paid_out)
    and covered_by is not null
),
source as (
  select cover, receipt_id, amount, sum(amount) over (partition by cover order by receipt_id) as upto
  from (
    select id as cover, receipt_id, amount
    from allocations
    where tenant = $1
      and id in (select covered_by from covered)
    union all
    select id, id, amount
    from receipts
    where tenant = $1
      and id in (select covered_by from covered)
  ) as found
)
select p.id as refund_id, r.payer,
       sum(least(c.upto, s.upto) - greatest(c.upto - c.gross, s.upto - s.amount))::bigint as amount
from paid_out p
join covered c on c.order_id = p.order_id and c.id = any(p.unit_ids)
join source s on s.cover = c.covered_by and s.upto - s.amount < c.upto and c.upto - c.gross < s.upto
join receipts r on r.tenant = $1 and r.id = s.receipt_id
group by p.id, r.id, r.payer
order by p.id, r.id
"""


async def _payers(read: Read, tenant: str, refund_ids: Sequence[UUID]) -> dict[UUID, list[PayoutPart]]:
    """Return who has paid for the units of these refunds, and how much each."""
    found: dict[UUID, list[PayoutPart]] = defaultdict(list)
    for row in await read.fetch(PAYERS, tenant, refund_ids):
        found[row["refund_id"]].append(PayoutPart(row["amount"], row["payer"]))
    return found
