"""What orders does by the clock."""

from datetime import timedelta
from functools import partial

from chassis.jobs import Jobs, second, sweep

from orders.usecases import paying


def jobs(claim_window: timedelta) -> Jobs:
    """What nobody pays lapses."""
    lapse = partial(paying.lapse_unpaid_orders, claim_window=claim_window)
    return [sweep("lapse unpaid orders", every=10 * second, do=lapse)]
