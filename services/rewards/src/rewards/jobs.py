"""What rewards does by the clock."""

from functools import partial

from chassis.jobs import Jobs, second, sweep

from rewards.usecases import judging


def jobs(*, within_balance: bool) -> Jobs:
    """Meetings that were heard before their rules are judged by them."""
    return [
        sweep("judge again", every=2 * second, do=partial(judging.judge_again, within_balance=within_balance)),
    ]
