"""The door for the clock."""

from chassis.exporting import answer_exports
from chassis.jobs import second, sweep

from rewards.store import share
from rewards.usecases import evaluating, expiring

JOBS = [
    sweep("evaluate meetings again", every=2 * second, do=evaluating.evaluate_again),
    sweep("let points expire", every=5 * second, do=expiring.expire_points),
    answer_exports(share.of_customer),
]
