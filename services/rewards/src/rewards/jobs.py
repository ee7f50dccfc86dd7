"""The door for the clock."""

from chassis.jobs import second, sweep

from rewards.usecases import evaluating

JOBS = [sweep("evaluate meetings again", every=2 * second, do=evaluating.evaluate_again)]
