"""Disputes about the payments of orders."""

from collections.abc import Sequence

from chassis.consuming import Message
from chassis.db import Tx
from contracts.payments import DisputeClosed, DisputeOpened

from letters.store.facts import HOLD, events_in

RECORD_DISPUTES = f"""
{HOLD}
insert into disputes (tenant, order_id, id, won)
select tenant, order_id, dispute, bool_or(coalesce(outcome = 'won', false))
from held
join jsonb_to_recordset($1::jsonb) as event (tenant text, order_id uuid, dispute uuid, outcome text)
  using (tenant, order_id)
group by tenant, order_id, dispute
order by tenant, order_id, dispute
on conflict (tenant, order_id, id) do update
set won = disputes.won or excluded.won
"""  # noqa: S608 -- made of statements alone


async def record_disputes(tx: Tx, messages: Sequence[Message[DisputeOpened | DisputeClosed]]) -> None:
    """Record disputes: until they are won links and keys open nothing, and no letter brings them (F-P21)."""
    await tx.execute(RECORD_DISPUTES, events_in(messages))
