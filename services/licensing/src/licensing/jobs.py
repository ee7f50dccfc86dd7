"""The door for the clock: keys are issued every second, and at once when something was paid, released or refilled."""

from chassis.exporting import answer_exports
from chassis.jobs import second, sweep

from licensing.store import share
from licensing.usecases.issuing import ISSUE_KEYS, issue_keys

JOBS = [
    sweep(ISSUE_KEYS, every=second, do=issue_keys),
    answer_exports(share.of_customer, purposes=("export",)),
]
