"""What sources say about meetings, and what counts of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.shared import MeetingLogged, MeetingStatus

from rewards.domain.meetings import Held, Report
from rewards.domain.rules import Judged

# of two contradicting words under one revision the one that earns less counts
RANKS = {MeetingStatus.HELD: 0, MeetingStatus.CANCELLED: 1, MeetingStatus.WITHDRAWN: 2}

TURN = """
select pg_advisory_xact_lock(hashtextextended('host ' || $1 || ' ' || $2, 0))
"""

LOCK = """
insert into meetings (tenant, meeting)
values ($1, $2)
on conflict (tenant, meeting) do update
set meeting = excluded.meeting
returning meeting, source, host, started_at, ended_at, participants, said_at
"""

PUT_REPORT = """
insert into reports
  (tenant, meeting, source, revision, rank, status, host, started_at, ended_at, participants, said_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (tenant, meeting, source) do update
set revision = excluded.revision,
    rank = excluded.rank,
    status = excluded.status,
    host = excluded.host,
    started_at = excluded.started_at,
    ended_at = excluded.ended_at,
    participants = excluded.participants,
    said_at = excluded.said_at
where (reports.revision, reports.rank, reports.host, reports.started_at, reports.ended_at, reports.participants,
       reports.said_at)
    < (excluded.revision, excluded.rank, excluded.host, excluded.started_at, excluded.ended_at, excluded.participants,
       excluded.said_at)
returning meeting
"""

REPORTS = """
select status, meeting, source, host, started_at, ended_at, participants, said_at
from reports
where tenant = $1
  and meeting = $2
"""

SET_COUNTED = """
update meetings
set source = $3, host = $4, started_at = $5, ended_at = $6, participants = $7, said_at = $8, verdict = null
where tenant = $1
  and meeting = $2
"""

OF_HOST = """
select meeting, source, host, started_at, ended_at, participants, said_at
from meetings
where tenant = $1
  and host = $2
  and ($3::timestamptz is null or started_at >= $3)
  and ($4::timestamptz is null or started_at < $4)
"""

SET_VERDICTS = """
update meetings
set verdict = judged.verdict
from unnest($2::uuid[], $3::text[]) as judged (meeting, verdict)
where meetings.tenant = $1
  and meetings.meeting = judged.meeting
  and meetings.verdict is distinct from judged.verdict
"""

USAGE = """
select count(*) as held, count(*) filter (where verdict = 'earned') as rewarded
from meetings
where tenant = $1
  and host = $2
"""

NEWEST = """
select meeting, source, started_at, ended_at, participants, coalesce(verdict, 'not-enrolled') as verdict
from meetings
where tenant = $1
  and host = $2
  and ($3::timestamptz is null or (started_at, meeting) < ($3, $4))
order by started_at desc, meeting desc
limit $5
"""


async def take_turn(tx: Tx, tenant: str, host: UUID) -> None:
    """Let what is said of a host's meetings be said in the order of the commits."""
    await tx.execute(TURN, tenant, str(host))


async def lock(tx: Tx, tenant: str, meeting: UUID) -> Held | None:
    """What counted of a meeting so far; nobody else changes it meanwhile."""
    row = await tx.row(LOCK, tenant, meeting)
    return None if row is None or row["host"] is None else Held(**dict(row))


async def put_report(tx: Tx, said: MeetingLogged, said_at: datetime) -> bool:
    """Keep a source's word, unless a later one is known."""
    place = (said.tenant, said.meeting, said.source, said.revision, RANKS[said.status], said.status)
    facts = (said.host, said.started_at, said.ended_at, said.participants, said_at)
    return await tx.value(PUT_REPORT, *place, *facts) is not None


async def reports(tx: Tx, tenant: str, meeting: UUID) -> list[Report]:
    """The last word of each source about a meeting."""
    rows = [dict(row) for row in await tx.fetch(REPORTS, tenant, meeting)]
    return [Report(row.pop("status"), Held(**row)) for row in rows]


async def set_counted(tx: Tx, tenant: str, meeting: UUID, held: Held | None) -> None:
    """Keep what counts of a meeting now."""
    facts = (held.source, held.host, held.started_at, held.ended_at, held.participants, held.said_at) if held else ()
    await tx.execute(SET_COUNTED, tenant, meeting, *(facts or (None,) * 6))


async def of_host(
    tx: Tx, tenant: str, host: UUID, since: datetime | None = None, until: datetime | None = None
) -> list[Held]:
    """A host's held meetings that began within these bounds."""
    return [Held(**dict(row)) for row in await tx.fetch(OF_HOST, tenant, host, since, until)]


async def set_verdicts(tx: Tx, tenant: str, judged: Sequence[Judged]) -> None:
    """Keep what became of meetings."""
    await tx.execute(SET_VERDICTS, tenant, [one.meeting for one in judged], [one.verdict for one in judged])


async def usage(tx: Tx, tenant: str, host: UUID) -> tuple[int, int]:
    """How many meetings a host has held, and how many of them earned something (L8, L15)."""
    row = await tx.row(USAGE, tenant, host)
    return (row["held"], row["rewarded"]) if row is not None else (0, 0)


async def newest(
    tx: Tx, tenant: str, host: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """A host's meetings before the given place, newest first."""
    return [dict(row) for row in await tx.fetch(NEWEST, tenant, host, *(after or (None, None)), limit)]
