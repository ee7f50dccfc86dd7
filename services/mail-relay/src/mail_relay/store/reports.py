"""Reports to those whose messages did not arrive."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx
from pydantic import TypeAdapter

from mail_relay.domain.report import Report

ADD = """
insert into reports (tenant, message_id, status, created_at, send_at, traceparent)
values ($1, $2, $3, $4, $4, $5)
on conflict (tenant, message_id) do nothing
"""


async def add(tx: Tx, tenant: str, message_id: UUID, status: str, traceparent: str | None) -> None:
    """Record that the writer of a message is to be told why it did not arrive, once."""
    await tx.execute(ADD, tenant, message_id, status, tx.now, traceparent)


CLAIM = """
with due as (
  select tenant, message_id
  from reports
  where sent_at is null
    and send_at <= $1
    and (leased_until is null or leased_until < clock_timestamp())
  order by send_at
  limit $2
  for update skip locked
), claimed as (
  update reports
  set leased_until = clock_timestamp() + $3
  from due
  where reports.tenant = due.tenant
    and reports.message_id = due.message_id
  returning reports.*
)
select json_agg(report)::text
from (
  select n.tenant, n.message_id as id, m.side, n.status, n.created_at, n.traceparent, c.email_box, s.email as reached,
         a.local_part as alias, m.original_id_box
  from claimed n
  join messages m on m.tenant = n.tenant and m.id = n.message_id
  join conversations c on c.tenant = m.tenant and c.id = m.conversation_id
  join aliases a on a.tenant = c.tenant and a.conversation_id = c.id and a.side <> m.side and not a.desk
  left join sellers s on s.tenant = c.tenant and s.seller = c.seller
) as report
"""
REPORTS = TypeAdapter(list[Report])


async def claim(tx: Tx, limit: int, lease: timedelta) -> Sequence[Report]:
    """Lease reports that are to be sent now."""
    text: str | None = await tx.value(CLAIM, tx.now, limit, lease)
    return [] if text is None else REPORTS.validate_json(text)


SETTLE = """
update reports
set sent_at = $3, send_at = coalesce($4, send_at), leased_until = null
where tenant = $1
  and message_id = $2
"""


async def settle(tx: Tx, report: Report, again_at: datetime | None) -> None:
    """Record that a report is sent, or nobody waits for it, or when to try again."""
    await tx.execute(SETTLE, report.tenant, report.id, None if again_at else tx.now, again_at)
