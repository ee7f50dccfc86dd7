"""What sources report of meetings, and what counts of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.shared import MeetingLogged, MeetingStatus

from rewards.domain.meetings import Meeting, Report
from rewards.domain.rules import Evaluation

# of two contradicting reports under one revision the one that earns less counts
RANKS = {MeetingStatus.HELD: 0, MeetingStatus.CANCELLED: 1, MeetingStatus.WITHDRAWN: 2}

SERIALISE = """
select pg_advisory_xact_lock(hashtextextended('host ' || $1 || ' ' || $2, 0))
"""


async def serialise(tx: Tx, tenant: str, host_id: UUID) -> None:
    """Serialise the meetings of one host, so that their events are published in commit order."""
    await tx.execute(SERIALISE, tenant, str(host_id))


KEEP_REPORTER = """
insert into intake (tenant, meeting_id, source, revision, host_id, reporter, subject, logged_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def keep_reporter(tx: Tx, logged: MeetingLogged, reporter: str, subject: str) -> None:
    """Keep who has reported a meeting over HTTP: a service, or who of the staff."""
    facts = (logged.meeting, logged.source, logged.revision, logged.host, reporter, subject, tx.now)
    await tx.execute(KEEP_REPORTER, logged.tenant, *facts)


LOCK = """
insert into meetings (tenant, id)
values ($1, $2)
on conflict (tenant, id) do update
set id = excluded.id
returning id, source, host_id, started_at, ended_at, participants, reported_at
"""


async def lock(tx: Tx, tenant: str, meeting_id: UUID) -> Meeting | None:
    """Return what has counted of a meeting so far, and keep others from changing it until the transaction ends."""
    row = await tx.row(LOCK, tenant, meeting_id)
    return None if row is None or row["host_id"] is None else Meeting(**dict(row))


PUT_REPORT = """
insert into reports
  (tenant, meeting_id, source, revision, rank, status, host_id, started_at, ended_at, participants, reported_at)
select tenant, meeting, source, revision, $2, status, host, started_at, ended_at, participants, $3
from jsonb_to_record($1::jsonb) as logged
  (tenant text, meeting uuid, source text, revision integer, status text, host uuid, started_at timestamptz,
   ended_at timestamptz, participants integer)
on conflict (tenant, meeting_id, source) do update
set revision = excluded.revision,
    rank = excluded.rank,
    status = excluded.status,
    host_id = excluded.host_id,
    started_at = excluded.started_at,
    ended_at = excluded.ended_at,
    participants = excluded.participants,
    reported_at = excluded.reported_at
where (reports.revision, reports.rank, reports.host_id, reports.started_at, reports.ended_at, reports.participants,
       reports.reported_at)
    < (excluded.revision, excluded.rank, excluded.host_id, excluded.started_at, excluded.ended_at,
       excluded.participants, excluded.reported_at)
"""


async def put_report(tx: Tx, logged: MeetingLogged, reported_at: datetime) -> bool:
    """Store a source's report; false where a later one is stored."""
    return await tx.execute(PUT_REPORT, logged.model_dump_json(), RANKS[logged.status], reported_at) == 1


REPORTS = """
select status, meeting_id as id, source, host_id, started_at, ended_at, participants, reported_at
from reports
where tenant = $1
  and meeting_id = $2
"""


async def reports(read: Read, tenant: str, meeting_id: UUID) -> list[Report]:
    """Return the latest report of each source about a meeting."""
    rows = [dict(row) for row in await read.fetch(REPORTS, tenant, meeting_id)]
    return [Report(row.pop("status"), Meeting(**row)) for row in rows]


SET_COUNTED = """
update meetings
set source = $3, host_id = $4, started_at = $5, ended_at = $6, participants = $7, reported_at = $8, verdict = null
where tenant = $1
  and id = $2
"""


async def set_counted(tx: Tx, tenant: str, meeting_id: UUID, counted: Meeting | None) -> None:
    """Store what counts of a meeting now."""
    names = ("source", "host_id", "started_at", "ended_at", "participants", "reported_at")
    await tx.execute(SET_COUNTED, tenant, meeting_id, *(getattr(counted, name, None) for name in names))


OF_HOST = """
select id, source, host_id, started_at, ended_at, participants, reported_at
from meetings
where tenant = $1
  and host_id = $2
  and ($3::timestamptz is null or started_at >= $3)
  and ($4::timestamptz is null or started_at < $4)
"""


async def of_host(
    read: Read, tenant: str, host_id: UUID, since: datetime | None = None, until: datetime | None = None
) -> list[Meeting]:
    """Return a host's held meetings that began within these bounds."""
    return [Meeting(**dict(row)) for row in await read.fetch(OF_HOST, tenant, host_id, since, until)]


NEWEST_OF_MEMBERS = """
select id, source, host_id, started_at, ended_at, participants, reported_at
from meetings
where tenant = $1
  and host_id is not null
  and exists (
    select
    from enrolments
    where enrolments.tenant = meetings.tenant
      and enrolments.customer_id = meetings.host_id
  )
order by started_at desc, id desc
limit $2
"""


async def newest_of_members(read: Read, tenant: str, limit: int) -> list[Meeting]:
    """Return the meetings that began last of all whose host takes part, or has taken part, the newest first."""
    return [Meeting(**dict(row)) for row in await read.fetch(NEWEST_OF_MEMBERS, tenant, limit)]


SET_VERDICTS = """
update meetings
set verdict = evaluation.verdict
from unnest($2::uuid[], $3::text[]) as evaluation (meeting_id, verdict)
where meetings.tenant = $1
  and meetings.id = evaluation.meeting_id
  and meetings.verdict is distinct from evaluation.verdict
"""


async def set_verdicts(tx: Tx, tenant: str, evaluations: Sequence[Evaluation]) -> None:
    """Store what became of meetings."""
    await tx.execute(
        SET_VERDICTS, tenant, [one.meeting_id for one in evaluations], [one.verdict for one in evaluations]
    )


USAGE = """
select count(*) as held, count(*) filter (where verdict = 'earned') as rewarded
from meetings
where tenant = $1
  and host_id = $2
"""


async def usage(read: Read, tenant: str, host_id: UUID) -> dict[str, int]:
    """Return how many meetings a host has `held`, and how many of them are `rewarded` (L8, L15)."""
    return dict(await read.row(USAGE, tenant, host_id) or {})


NEWEST = """
select id as meeting, source, started_at, ended_at, participants, coalesce(verdict, 'not-enrolled') as verdict
from meetings
where tenant = $1
  and host_id = $2
  and ($3::timestamptz is null or (started_at, id) < ($3, $4))
order by started_at desc, id desc
limit $5
"""


async def newest(
    read: Read, tenant: str, host_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return a host's meetings before the given one, newest first."""
    return [dict(row) for row in await read.fetch(NEWEST, tenant, host_id, *(after or (None, None)), limit)]
