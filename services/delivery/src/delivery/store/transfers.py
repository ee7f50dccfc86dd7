"""The connections that are open now, in all processes."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Read, Tx

from delivery.domain.sessions import MOST_SERVED, EndedConnection, Progress
from delivery.store import files, orders

# whether a session has a connection open
RUNNING = """
exists(
  select
  from transfers
  where transfers.tenant = sessions.tenant
    and transfers.session_id = sessions.id
    and transfers.seen_at > clock_timestamp() - interval '10 seconds'
)
"""

TAKE_LOST = """
delete from transfers
where tenant = $1
  and session_id = $2
  and process_id <> $3
  and seen_at < clock_timestamp() - interval '2 seconds'
returning first_byte, arrived_to, end_byte
"""


async def take_lost(tx: Tx, tenant: str, session_id: UUID, process_id: UUID) -> list[EndedConnection]:
    """Take away the connections of a download that died with other processes."""
    return [EndedConnection(*row) for row in await tx.fetch(TAKE_LOST, tenant, session_id, process_id)]


WITH_LOST = """
select distinct tenant, session_id
from transfers
where process_id <> $1
  and seen_at < clock_timestamp() - interval '60 seconds'
limit 100
"""


async def with_lost(read: Read, process_id: UUID) -> list[tuple[str, UUID]]:
    """Return downloads that have connections of processes that died, at most 100."""
    return [(row["tenant"], row["session_id"]) for row in await read.fetch(WITH_LOST, process_id)]


SEEN = f"""
with running as (
  select tenant, session_id, id, arrived_to
  from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[]) as running (tenant, session_id, id, arrived_to)
), seen as (
  update transfers
  set seen_at = clock_timestamp(), arrived_to = running.arrived_to
  from running
  where transfers.tenant = running.tenant
    and transfers.session_id = running.session_id
    and transfers.id = running.id
    and transfers.seen_at < clock_timestamp() - interval '800 milliseconds'
)
select running.id
from (select distinct tenant, session_id from running) as watched
join sessions on sessions.tenant = watched.tenant and sessions.id = watched.session_id
join grants on grants.tenant = sessions.tenant and grants.id = sessions.grant_id
join files on files.tenant = sessions.tenant and files.id = sessions.file_id
join running on running.tenant = sessions.tenant and running.session_id = sessions.id
where grants.revoked_at is not null
   or {orders.SUSPENDED}
   or not {files.KEPT}
   or sessions.size * $5 < sessions.served + (
        select sum(transfers.arrived_to - transfers.first_byte)
        from transfers
        where transfers.tenant = sessions.tenant
          and transfers.session_id = sessions.id
      )
"""  # noqa: S608 -- made of parts of statements


async def seen(tx: Tx, running: Sequence[Progress]) -> list[UUID]:
    """Save how far running connections are, and return those to cut.

    Their grant is revoked or suspended, their file retired for it, or their download is overserved.
    """
    columns = [list(column) for column in zip(*running, strict=True)]
    return [row["id"] for row in await tx.fetch(SEEN, *columns, MOST_SERVED)]
