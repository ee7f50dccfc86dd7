"""The connections that are open now, in all processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Tx

BURY = """
delete from transfers
where tenant = $1
  and session = $2
  and process <> $3
  and seen_at < clock_timestamp() - interval '2 seconds'
returning first_byte, end_byte, arrived_to, sha256
"""

LEFT_BEHIND = """
select distinct tenant, session
from transfers
where process <> $1
  and seen_at < clock_timestamp() - interval '60 seconds'
limit 100
"""

SEEN = """
with running as (
  select tenant, session, transfer, arrived_to
  from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[]) as said (tenant, session, transfer, arrived_to)
), seen as (
  update transfers
  set seen_at = clock_timestamp(), arrived_to = running.arrived_to
  from running
  where transfers.tenant = running.tenant
    and transfers.session = running.session
    and transfers.transfer = running.transfer
    and transfers.seen_at < clock_timestamp() - interval '800 milliseconds'
)
select running.transfer
from running
join sessions on sessions.tenant = running.tenant and sessions.session = running.session
join grants on grants.tenant = sessions.tenant and grants.grant_id = sessions.grant_id
where grants.revoked_at is not null
"""


@dataclass(frozen=True, slots=True)
class Open:
    """An open connection; one that is `unseen` for long no longer `counts`."""

    transfer: UUID
    session: UUID
    process: UUID
    counts: bool
    unseen: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A connection whose process has died."""

    first: int
    end: int
    arrived_to: int
    sha256: str


async def bury(tx: Tx, tenant: str, session: UUID, process: UUID) -> list[Left]:
    """Take away the connections of a download that died with other processes."""
    rows = await tx.fetch(BURY, tenant, session, process)
    return [Left(row["first_byte"], row["end_byte"], row["arrived_to"], row["sha256"]) for row in rows]


async def left_behind(tx: Tx, process: UUID) -> list[tuple[str, UUID]]:
    """Downloads with connections of processes that died, at most 100."""
    return [(row["tenant"], row["session"]) for row in await tx.fetch(LEFT_BEHIND, process)]


async def seen(tx: Tx, running: Sequence[tuple[str, UUID, UUID, int]]) -> list[UUID]:
    """Keep how far running connections are (tenant, session, transfer, arrived to); those whose grant is revoked."""
    columns = [list(column) for column in zip(*running, strict=True)]
    return [row["transfer"] for row in await tx.fetch(SEEN, *columns)]
