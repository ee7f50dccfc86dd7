"""The door for the clock."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from chassis.exporting import answer_exports
from chassis.jobs import minute, outbound, second, sweep

from delivery.clients.objects import Objects
from delivery.clients.peers import Transfers
from delivery.store import contents, share
from delivery.usecases import downloading, granting, releasing


async def claim_ending_transfers(tx: Tx, limit: int, transfers: Transfers) -> Sequence[UUID]:
    """Save how far this process's transfers are, and claim those that are to be cut."""
    return await downloading.watch(tx, limit, transfers.running())


async def cut(transfer_id: UUID, transfers: Transfers) -> None:
    """Cut a transfer."""
    transfers.cut(transfer_id)


async def end_lost_transfers(tx: Tx, transfers: Transfers) -> bool:
    """Account for transfers of other processes that died."""
    return await downloading.end_lost(tx, transfers.process_id)


async def remove_torn_uploads(_: str, objects: Objects) -> None:
    """Remove what torn uploads have left."""
    await objects.sweep()


async def remove_content(removal: contents.Removal, objects: Objects) -> None:
    """Remove a content from the store, if it is still there."""
    await objects.remove(removal.tenant, removal.content)


async def settle_nothing(tx: Tx, task: object, answer: None) -> None:
    """Record nothing: a transfer that was cut records its end itself, and of a removal nothing is kept."""


JOBS = [
    sweep(granting.RELEASE, every=second, do=granting.release_due),
    outbound(
        granting.WATCH,
        claim=claim_ending_transfers,
        act=cut,
        settle=settle_nothing,
        every=timedelta(milliseconds=400),
        concurrency=1000,
    ),
    sweep("measure missing files", every=minute, do=granting.measure_missing),
    sweep("end lost transfers", every=minute, do=end_lost_transfers),
    outbound(
        releasing.REMOVE_TORN,
        claim=releasing.claim_removal,
        act=remove_torn_uploads,
        settle=settle_nothing,
        every=10 * minute,
    ),
    outbound(
        releasing.REMOVE_UNNEEDED,
        claim=releasing.claim_unneeded,
        act=remove_content,
        settle=releasing.record_removed,
        every=10 * minute,
    ),
    answer_exports(share.of_customer, purposes=("export profile",)),
]
