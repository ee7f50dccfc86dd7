"""Meetings: what was said of them, and what follows for their hosts."""

from chassis.db import Tx
from contracts.shared import MeetingLogged

from rewards.domain.meetings import check_plausible, counted
from rewards.store import customers, meetings
from rewards.usecases.judging import settle


async def log_meeting(tx: Tx, said: MeetingLogged) -> None:
    """Pass on what an adapter says; it is posted when it is heard, like everybody's word (REW-2)."""
    check_plausible(said.source, said.revision, said.participants, said.started_at, said.ended_at)
    await meetings.take_turn(tx, said.tenant, said.host)
    tx.publish(said)


async def record_meeting(tx: Tx, said: MeetingLogged, *, within_balance: bool) -> None:
    """Keep a source's word about a meeting, and make the ledger follow where it changes what counts.

    The meeting's row is locked first, then those of the hosts it concerns, in order.
    """
    check_plausible(said.source, said.revision, said.participants, said.started_at, said.ended_at)
    tenant, meeting = said.tenant, said.meeting
    before = await meetings.lock(tx, tenant, meeting)
    said_at = tx.cause.time if tx.cause is not None and tx.cause.time is not None else tx.now
    if not await meetings.put_report(tx, said, said_at):
        return
    now = counted(await meetings.reports(tx, tenant, meeting))
    if now == before:
        return
    touched = [held for held in (before, now) if held is not None]
    hosts = {host: await customers.lock(tx, tenant, host) for host in sorted({held.host for held in touched})}
    await meetings.set_counted(tx, tenant, meeting, now)
    # the former host gives back before the new one earns: a meeting earns once
    for host in dict.fromkeys(held.host for held in touched):
        await settle(tx, hosts[host], touched, within_balance=within_balance)
