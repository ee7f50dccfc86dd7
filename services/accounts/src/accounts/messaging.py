"""Which event leads to which use case."""

from chassis.consuming import Reactions, on
from contracts.orders import OrderClosed, OrderPlaced
from contracts.shared import ErasureConfirmed

from accounts.usecases import erasing


def reactions() -> Reactions:
    """What accounts hears."""
    return [
        on(OrderPlaced, erasing.hear_placed),
        on(OrderClosed, erasing.hear_closed),
        on(ErasureConfirmed, erasing.hear_confirmed),
    ]
