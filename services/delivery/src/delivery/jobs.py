"""What delivery does by the clock."""

from datetime import timedelta
from functools import partial

from chassis.jobs import Jobs, minute, outbound, second, sweep

from delivery.clients.objects import Objects
from delivery.clients.peers import Transfers
from delivery.usecases import downloading, granting, releasing


def jobs(objects: Objects, transfers: Transfers) -> Jobs:
    """Lines whose time has come are released, revoked transfers cut, what the dead have left is cleared away."""
    return [
        sweep(granting.RELEASE, every=second, do=granting.release_due),
        outbound(
            granting.WATCH,
            claim=partial(downloading.watch, running=transfers.running),
            act=transfers.cut,
            settle=downloading.record_cut,
            every=timedelta(milliseconds=400),
            concurrency=1000,
        ),
        sweep("bury dead transfers", every=minute, do=partial(downloading.bury_left_behind, process=transfers.process)),
        outbound(
            releasing.SWEEP,
            claim=releasing.take_sweep,
            act=objects.sweep,
            settle=releasing.record_sweep,
            every=10 * minute,
        ),
    ]
