"""Meetings: what was reported of them, and what follows for their hosts."""

from chassis.consuming import ServiceName
from chassis.db import Tx
from contracts.shared import MeetingLogged

from rewards.domain.meetings import check_source, counted
from rewards.domain.programme import Terms
from rewards.store import customers, meetings
from rewards.usecases.evaluating import settle

STAFF = "staff"


async def log_meeting(tx: Tx, logged: MeetingLogged, terms: Terms, reporter: str, subject: str) -> None:
    """Publish what an adapter or somebody of the staff reports, and keep who did.

    It is posted when it is consumed, like everybody's report (REW-2). Raises SourceUnknown.
    """
    check_source(terms.sources, logged.source, reporter)
    await meetings.serialise(tx, logged.tenant, logged.host)
    await meetings.keep_reporter(tx, logged, reporter, subject)
    tx.audit("meeting", logged.meeting, after=logged.model_dump(exclude={"tenant", "meeting"}))
    tx.publish(logged)


async def record_meeting(tx: Tx, logged: MeetingLogged, terms: Terms, name: ServiceName) -> None:
    """Store a source's report of a meeting, and make the ledger follow where it changes what counts.

    The meeting's row is locked first, then those of the hosts it concerns, in order. Raises SourceUnknown for what
    another service publishes under a source that is not its own.
    """
    if tx.cause is not None and tx.cause.source != name:
        check_source(terms.sources, logged.source, tx.cause.source)
    tenant, meeting_id = logged.tenant, logged.meeting
    before = await meetings.lock(tx, tenant, meeting_id)
    reported_at = tx.cause.time if tx.cause is not None and tx.cause.time is not None else tx.now
    if not await meetings.put_report(tx, logged, reported_at):
        return
    now = counted(await meetings.reports(tx, tenant, meeting_id))
    if now == before:
        return
    touched = [meeting for meeting in (before, now) if meeting is not None]
    hosts = {id_: await customers.lock(tx, tenant, id_) for id_ in sorted({meeting.host_id for meeting in touched})}
    await meetings.set_counted(tx, tenant, meeting_id, now)
    # the former host gives back before the new one earns: a meeting earns once
    for host_id in dict.fromkeys(meeting.host_id for meeting in touched):
        await settle(tx, hosts[host_id], terms, touched)
