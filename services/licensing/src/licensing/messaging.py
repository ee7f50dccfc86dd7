"""Which event leads to which use case."""

from chassis.consuming import Reactions, on
from contracts.accounts import KeyDestroyed
from contracts.catalog import ProductPublished
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded

from licensing.usecases import following


def reactions() -> Reactions:
    """What licensing hears."""
    return [
        on(ProductPublished, following.copy_settings),
        on(OrderPlaced, following.reserve),
        on(OrderCancelled, following.free),
        on(OrderPaid, following.expect_keys),
        on(DeliveryReleased, following.release),
        on(OrderRefunded, following.take_back),
        on(KeyDestroyed, following.confirm_erasure),
    ]
