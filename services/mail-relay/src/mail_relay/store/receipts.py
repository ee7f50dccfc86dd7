"""What delivery has published of downloads: the files of each link of an order, and which have arrived (MAIL-8)."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from chassis.consuming import Message
from chassis.db import Read, Tx
from contracts.delivery import DownloadCompleted, DownloadGranted
from pydantic_core import to_json

Change = DownloadGranted | DownloadCompleted

# All of it only grows, so that any order of events leads to the same.
RECORD = """
insert into receipts (tenant, order_id, grant_id, file_id, units, granted, arrived)
select tenant, order_id, grant_id, file_id, array_remove(array_agg(distinct of.unit order by of.unit), null),
       bool_or(granted), bool_or(arrived)
from jsonb_to_recordset($1::jsonb) as event
  (tenant text, order_id uuid, grant_id uuid, file_id uuid, units uuid[], granted boolean, arrived boolean)
left join unnest(units) as of (unit) on true
group by tenant, order_id, grant_id, file_id
order by tenant, order_id, grant_id, file_id
on conflict (tenant, order_id, grant_id, file_id) do update
set units = array(
      select distinct unit from unnest(receipts.units || excluded.units) as known (unit) order by unit
    ),
    granted = receipts.granted or excluded.granted,
    arrived = receipts.arrived or excluded.arrived
"""


async def record(tx: Tx, messages: Sequence[Message[Change]]) -> None:
    """Record which files a link has, for which units, and which of them have arrived whole."""
    rows = [row for message in messages for row in _rows(message.event)]
    await tx.execute(RECORD, to_json(rows).decode())


RECEIVED = """
select distinct unit
from (
  select units
  from receipts
  where tenant = $1
    and order_id = $2
    and granted
  group by grant_id, units
  having bool_and(arrived)
) as whole, unnest(units) as of (unit)
"""


async def received(read: Read, tenant: str, order_id: UUID) -> Collection[UUID]:
    """Return the units of an order of whose link every file has arrived whole at its reader."""
    return {row["unit"] for row in await read.fetch(RECEIVED, tenant, order_id)}


def _rows(event: Change) -> Sequence[Mapping[str, object]]:
    of = {"tenant": event.tenant, "order_id": event.order, "grant_id": event.grant}
    if isinstance(event, DownloadCompleted):
        return [{**of, "file_id": event.file, "units": [], "granted": False, "arrived": True}]
    return [{**of, "file_id": one.file, "units": event.units, "granted": True, "arrived": False} for one in event.files]
