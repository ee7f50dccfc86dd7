"""The door for the clock."""

from chassis.jobs import second, sweep

from rewards.usecases import evaluating, expiring

JOBS = [
    sweep("evaluate meetings again", every=2 * second, do=evaluating.evaluate_again),
    sweep("let points expire", every=5 * second, do=expiring.expire_points),
]
