"""What mail-relay does by the clock."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from chassis.jobs import Jobs, errand, second, sweep

from mail_relay.domain.letter import Letter
from mail_relay.domain.sending import Outcome
from mail_relay.usecases import hearing, sending


def jobs(send: Callable[[Letter], Awaitable[Outcome]], *, domain: str, longest: timedelta, at_once: int) -> Jobs:
    """E-mails are sent, at most `at_once` side by side, each within `longest`; and recorded when their time comes."""
    claim = partial(sending.claim_letters, lease=longest + 10 * second)
    settle = partial(sending.record_outcome, domain=domain)
    look = partial(hearing.look_at_orders, domain=domain)
    return [
        errand(hearing.SEND, claim=claim, act=send, settle=settle, at_once=at_once),
        sweep("look at orders", every=second, do=look),
    ]
