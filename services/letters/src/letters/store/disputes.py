"""Disputes about the payments of orders, and claims about their units."""

from collections.abc import Sequence

from chassis.consuming import Message
from chassis.db import Tx
from contracts.mail_relay import ClaimDecided, ClaimOpened
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


# Of an order that is not known yet there is nothing to hold: its first letter is decided when it comes.
RECORD_CLAIMS = """
with named as (
  select distinct on (tenant, order_id, claim) tenant, order_id, claim, revision, units
  from jsonb_to_recordset($1::jsonb) as event (tenant text, order_id uuid, claim uuid, revision integer, units uuid[])
  order by tenant, order_id, claim, revision desc
), held as (
  select named.*
  from named
  left join lateral (
    select id
    from orders
    where orders.tenant = named.tenant
      and orders.id = named.order_id
    for update
  ) as locked on true
)
insert into claims (tenant, order_id, id, revision, unit_ids)
select tenant, order_id, claim, revision, units
from held
on conflict (tenant, order_id, id) do update
set revision = excluded.revision, unit_ids = excluded.unit_ids
where claims.revision < excluded.revision
"""


async def record_claims(tx: Tx, messages: Sequence[Message[ClaimOpened | ClaimDecided]]) -> None:
    """Record claims: while one wants back what was not refunded, no letter brings links or keys; the newest counts."""
    await tx.execute(RECORD_CLAIMS, events_in(messages))
