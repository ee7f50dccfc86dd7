"""Which event leads to which use case."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from chassis.consuming import Reactions, on
from contracts.accounts import KeyDestroyed
from contracts.orders import DeliveryReleased, OrderPaid, OrderRefunded

from delivery.usecases import granting, privacy


def reactions(forget: Callable[[UUID], None]) -> Reactions:
    """What delivery hears."""
    return [
        on(OrderPaid, granting.grant_paid_lines),
        on(DeliveryReleased, granting.release_lines),
        on(OrderRefunded, granting.take_back),
        on(KeyDestroyed, partial(privacy.confirm_erasure, forget=forget)),
    ]
