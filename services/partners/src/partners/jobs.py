"""The door for the clock: what partners are sent again, and what is no longer kept."""

from chassis.jobs import minute, second, sweep

from partners.usecases.replaying import REPLAY, expire, replay

JOBS = [
    sweep(REPLAY, every=second, do=replay),
    sweep("forget what is past its retention", every=10 * minute, do=expire),
]
