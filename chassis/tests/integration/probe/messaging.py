from chassis.consuming import Reactions, on
from chassis.db import Tx
from contracts.accounts import CustomerErased
from contracts.shared import ErasureConfirmed, MeetingLogged

from probe import script

NOTE = """
insert into effects (host, meeting, participants, effects)
values ($1, $2, $3, $4)
"""


async def note_meeting(tx: Tx, event: MeetingLogged) -> None:
    """Leave one row for each time this runs, and say so where several people met."""
    if event.participants:
        await script.play(event.meeting, tx)
    await tx.execute(NOTE, event.host, event.meeting, event.participants, tx.effects)
    if event.participants > 1:
        tx.publish(ErasureConfirmed(tenant=event.tenant, customer=event.host, key=event.meeting, service="probe"))


async def note_erasure(tx: Tx, event: CustomerErased) -> None:
    """Another topic, with effects of its own."""
    await tx.execute(NOTE, event.customer, event.customer, -1, tx.effects)


def reactions() -> Reactions:
    return [on(MeetingLogged, note_meeting), on(CustomerErased, note_erasure)]
