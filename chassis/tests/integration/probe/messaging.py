"""Which event leads to which function: one reaction of each form."""

from collections.abc import Sequence

from chassis.consuming import Message, Reactions, ServiceName, Touched, fold, on, record
from chassis.db import Tx
from chassis.exporting import EXPORTS
from contracts.accounts import CustomerErased
from contracts.delivery import DownloadCompleted, DownloadStarted
from contracts.rewards import PointsAccrued, PointsReversed
from contracts.shared import ErasureConfirmed, MeetingLogged

from probe import script

NOTE = """
insert into effects (host, meeting, participants, effects)
values ($1, $2, $3, $4)
"""


async def note_meeting(tx: Tx, event: MeetingLogged) -> None:
    """Insert a row each time this runs, and publish a confirmation where several people met."""
    if event.participants:
        await script.play(event.meeting, tx)
    await tx.execute(NOTE, event.host, event.meeting, event.participants, tx.effects)
    if event.participants > 1:
        tx.publish(ErasureConfirmed(tenant=event.tenant, customer=event.host, key=event.meeting, service="probe"))


async def note_erasure(tx: Tx, event: CustomerErased) -> None:
    """Insert a row for an event of another topic."""
    await tx.execute(NOTE, event.customer, event.customer, -1, tx.effects)


RECORD = """
insert into facts (tenant, order_id, session, part)
select tenant, order_id, session, $4
from unnest($1::text[], $2::uuid[], $3::uuid[]) as fact (tenant, order_id, session)
on conflict do nothing
"""


async def record_starts(tx: Tx, messages: Sequence[Message[DownloadStarted]]) -> None:
    """Record that downloads were started."""
    await _record(tx, messages, "started")


async def record_completions(tx: Tx, messages: Sequence[Message[DownloadCompleted]]) -> None:
    """Record that downloads were completed."""
    await _record(tx, messages, "completed")


async def _record(
    tx: Tx, messages: Sequence[Message[DownloadStarted]] | Sequence[Message[DownloadCompleted]], part: str
) -> None:
    events = [message.event for message in messages]
    for event in events:
        await script.play(event.session, tx)
    await tx.execute(
        RECORD,
        [event.tenant for event in events],
        [event.order for event in events],
        [event.session for event in events],
        part,
    )


COUNT = """
insert into conclusions (order_ids, effects)
values ($1, $2)
"""
ANNOUNCE = """
with whole as (
  select tenant, order_id, session
  from facts
  join unnest($1::text[], $2::uuid[]) as touched (tenant, order_id) using (tenant, order_id)
  group by tenant, order_id, session
  having count(*) = 2
)
insert into announced (tenant, order_id, session)
select tenant, order_id, session
from whole
on conflict do nothing
returning tenant, order_id, session
"""


async def conclude(tx: Tx, touched: Touched, name: ServiceName) -> None:
    """Publish a confirmation for each download that is both started and completed."""
    orders = sorted(touched)
    await tx.execute(COUNT, [order for _, order in orders], tx.effects)
    rows = await tx.fetch(ANNOUNCE, [tenant for tenant, _ in orders], [order for _, order in orders])
    for tenant, order, session in sorted(tuple(row) for row in rows):
        confirmation = ErasureConfirmed(tenant=tenant, customer=order, key=session, service=name)
        tx.publish(confirmation, cause=touched[tenant, order])


LOCK = """
insert into balances (tenant, member_id)
select distinct tenant, member_id
from unnest($1::text[], $2::uuid[]) as followed (tenant, member_id)
order by tenant, member_id
on conflict (tenant, member_id) do update
set points = balances.points
"""
SAVE = """
update balances
set points = balances.points + changed.points, saves = saves + 1
from unnest($1::text[], $2::uuid[], $3::integer[]) as changed (tenant, member_id, points)
where balances.tenant = changed.tenant
  and balances.member_id = changed.member_id
"""


async def follow_points(tx: Tx, messages: Sequence[Message[PointsAccrued | PointsReversed]], name: ServiceName) -> None:
    """Let balances follow the events of a batch, in their order, and publish a confirmation of each reversal."""
    members = [(message.event.tenant, message.event.member) for message in messages]
    await tx.execute(LOCK, [tenant for tenant, _ in members], [member for _, member in members])
    changes = dict.fromkeys(members, 0)
    for message in messages:
        event = message.event
        await script.play(event.posting, tx)
        if isinstance(event, PointsAccrued):
            changes[event.tenant, event.member] += event.points
        else:
            changes[event.tenant, event.member] -= event.points
            confirmation = ErasureConfirmed(tenant=event.tenant, customer=event.member, key=event.posting, service=name)
            tx.publish(confirmation, cause=message.cause)
    await tx.execute(SAVE, [tenant for tenant, _ in changes], [member for _, member in changes], list(changes.values()))


REACTIONS = Reactions(
    on(MeetingLogged, note_meeting),
    on(CustomerErased, note_erasure),
    record(on(DownloadStarted, record_starts), on(DownloadCompleted, record_completions), conclude=conclude),
    fold(follow_points, PointsAccrued, PointsReversed),
    EXPORTS,
)
