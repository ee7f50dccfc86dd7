"""The door for the clock: what Kafka lets partners do, what partners are sent again, and what is no longer kept."""

from datetime import timedelta

from chassis.jobs import minute, outbound, second, sweep

from partners.clients.access import give
from partners.usecases.access import ACCESS, claim, settle
from partners.usecases.replaying import REPLAY, expire, replay

# Whoever is closed reads nothing after a second.
OFTEN = timedelta(milliseconds=250)
JOBS = [
    outbound(ACCESS, claim=claim, act=give, settle=settle, every=OFTEN),
    sweep(REPLAY, every=second, do=replay),
    sweep("forget what is past its retention", every=10 * minute, do=expire),
]
