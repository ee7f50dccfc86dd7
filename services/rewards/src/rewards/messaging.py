"""Which event leads to which use case; no event of a sale does (L1)."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from chassis.consuming import Reactions, on
from contracts.accounts import CustomerErased, KeyDestroyed
from contracts.shared import MeetingLogged

from rewards.usecases import meetings, membership


def reactions(forget: Callable[[UUID], None], *, within_balance: bool) -> Reactions:
    """What rewards hears."""
    return [
        on(MeetingLogged, partial(meetings.record_meeting, within_balance=within_balance)),
        on(CustomerErased, partial(membership.erase_customer, within_balance=within_balance)),
        on(KeyDestroyed, partial(membership.confirm_erasure, forget=forget)),
    ]
