"""What mail-relay does by the clock."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from chassis.jobs import Jobs, outbound, second, sweep

from mail_relay.domain.letter import Letter
from mail_relay.domain.sending import Outcome
from mail_relay.usecases import hearing, sending


def jobs(send: Callable[[Letter], Awaitable[Outcome]], *, domain: str, longest: timedelta, concurrency: int) -> Jobs:
    """E-mails are sent, at most `concurrency` side by side, each within `longest`; due ones are recorded."""
    claim = partial(sending.claim_letters, lease=longest + 10 * second)
    settle = partial(sending.record_outcome, domain=domain)
    look = partial(hearing.look_at_orders, domain=domain)
    return [
        outbound(hearing.SEND, claim=claim, act=send, settle=settle, concurrency=concurrency),
        sweep("look at orders", every=second, do=look),
    ]
