"""How far orders are, for what may be written about them unasked (MAIL-12)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.consuming import Message
from chassis.db import Read, Tx
from contracts.orders import OrderCancelled, OrderClosed, OrderPaid, OrderRefunded
from pydantic_core import to_json

from mail_relay.domain.policy.order_message import Progress

Change = OrderPaid | OrderRefunded | OrderCancelled | OrderClosed

# All of it only grows, so that any order of events leads to the same.
RECORD = """
insert into order_progress (tenant, order_id, paid, refunded, cancelled, contact_until)
select tenant, order_id, bool_or(paid), array_remove(array_agg(distinct back.unit order by back.unit), null),
       array_remove(array_agg(distinct gone.unit order by gone.unit), null), max(contact_until)
from jsonb_to_recordset($1::jsonb) as event
  (tenant text, order_id uuid, paid boolean, refunded uuid[], cancelled uuid[], contact_until timestamptz)
left join unnest(refunded) as back (unit) on true
left join unnest(cancelled) as gone (unit) on true
group by tenant, order_id
order by tenant, order_id
on conflict (tenant, order_id) do update
set paid = order_progress.paid or excluded.paid,
    refunded = array(
      select distinct unit from unnest(order_progress.refunded || excluded.refunded) as known (unit) order by unit
    ),
    cancelled = array(
      select distinct unit from unnest(order_progress.cancelled || excluded.cancelled) as known (unit) order by unit
    ),
    contact_until = greatest(order_progress.contact_until, excluded.contact_until)
"""


async def record(tx: Tx, messages: Sequence[Message[Change]]) -> None:
    """Record which units are paid for, go back or are cancelled, and until when customers may have to be reached."""
    await tx.execute(RECORD, to_json([_row(message.event) for message in messages]).decode())


PROGRESS = """
select coalesce(paid, false) as paid, coalesce(refunded, '{}') as refunded, coalesce(cancelled, '{}') as cancelled,
       contact_until,
       array(
         select unit::uuid
         from jsonb_array_elements(lines) as line, jsonb_array_elements_text(line -> 'units') as unit
       ) as units
from (values ($1::text, $2::uuid)) as named (tenant, order_id)
left join order_units using (tenant, order_id)
left join order_progress using (tenant, order_id)
"""


async def progress(read: Read, tenant: str, order_id: UUID) -> Progress:
    """Return how far an order is, as far as that is known."""
    row = await read.row(PROGRESS, tenant, order_id)
    if row is None:
        return Progress()
    units, refunded, cancelled = (frozenset(row[name]) for name in ("units", "refunded", "cancelled"))
    return Progress(units, row["paid"], refunded, cancelled, row["contact_until"])


def _row(event: Change) -> Mapping[str, object]:
    return {
        "tenant": event.tenant,
        "order_id": event.order,
        "paid": isinstance(event, OrderPaid),
        "refunded": [one.unit for one in event.units] if isinstance(event, OrderRefunded) else [],
        "cancelled": event.units if isinstance(event, OrderCancelled) else [],
        "contact_until": event.contact_until if isinstance(event, OrderClosed) else None,
    }
