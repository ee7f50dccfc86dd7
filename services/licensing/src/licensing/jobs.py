"""What licensing does by the clock, and at once when something was paid, released or refilled."""

from functools import partial

from chassis.jobs import Jobs, second, sweep

from licensing.usecases.importing import ISSUE_KEYS
from licensing.usecases.issuing import issue_keys
from licensing.usecases.vault import Vault


def jobs(vault: Vault) -> Jobs:
    """Units whose turn has come get their keys."""
    return [sweep(ISSUE_KEYS, every=second, do=partial(issue_keys, vault=vault))]
