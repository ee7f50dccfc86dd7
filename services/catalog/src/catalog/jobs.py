"""The door for the clock."""

from chassis.db import Tx
from chassis.jobs import minute, outbound

from catalog.clients.pictures import Pictures
from catalog.store import pictures
from catalog.usecases import presenting


async def remove_picture(removal: pictures.Removal, kept: Pictures) -> None:
    """Remove a picture from the store, if it is still there."""
    await kept.remove(removal.hash)


async def record_removed(tx: Tx, removal: pictures.Removal, answer: None) -> None:
    """Forget a picture that is gone."""
    await pictures.removed(tx, removal)


JOBS = [
    outbound(
        "remove unused pictures",
        claim=presenting.claim_removal,
        act=remove_picture,
        settle=record_removed,
        every=minute,
    )
]
