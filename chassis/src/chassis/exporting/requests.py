"""The exports to which this service still owes its share, and those that it has answered."""

from dataclasses import dataclass

from contracts.exports import DataExportRequested

from chassis.db.transaction import Read, Tx

LEASE_SECONDS = 60
FAILING = 3
"""After so many tries without an answer somebody has to look."""

ADD = """
insert into chassis.exports (tenant, id, request, expires_at, traceparent)
values ($1, $2, $3, $4, $5)
on conflict (tenant, id) do nothing
"""


async def add(tx: Tx, requested: DataExportRequested) -> bool:
    """Keep a request until it is answered; false where it is known."""
    traceparent = tx.cause.traceparent if tx.cause else None
    request = requested.model_dump_json()
    return await tx.execute(ADD, requested.tenant, requested.export, request, requested.expires_at, traceparent) == 1


@dataclass(frozen=True, slots=True)
class Owed:
    """A request to answer, in the trace of the event that asked for it."""

    request: DataExportRequested
    traceparent: str | None


LEASE = """
update chassis.exports
set leased_until = clock_timestamp() + make_interval(secs => $2 * least(attempts + 1, 10)), attempts = attempts + 1
where (tenant, id) in (
  select tenant, id
  from chassis.exports
  where answered_at is null
    and expires_at > $1
    and (leased_until is null or leased_until < clock_timestamp())
  order by id
  limit 1
  for update skip locked
)
returning request, traceparent
"""


async def lease(tx: Tx) -> Owed | None:
    """Take a request that nobody is answering; one that failed before rests longer each time."""
    row = await tx.row(LEASE, tx.now, LEASE_SECONDS)
    if row is None:
        return None
    return Owed(DataExportRequested.model_validate_json(row["request"]), row["traceparent"])


SETTLE = """
update chassis.exports
set answered_at = $3
where tenant = $1
  and id = $2
  and answered_at is null
"""


async def settle(tx: Tx, request: DataExportRequested) -> bool:
    """Know that a request is answered; false where that was so before."""
    return await tx.execute(SETTLE, request.tenant, request.export, tx.now) == 1


FAILED = """
select count(*)
from chassis.exports
where answered_at is null
  and expires_at > $1
  and attempts >= $2
"""


async def failing(read: Read) -> int:
    """Return how many requests were tried several times and still wait."""
    return await read.value(FAILED, read.now, FAILING)


REMOVE_OLD = """
delete from chassis.exports
where (tenant, id) in (
  select tenant, id
  from chassis.exports
  where expires_at <= $1
  limit 1000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Forget requests whose export nobody can fetch any more, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now) > 0
