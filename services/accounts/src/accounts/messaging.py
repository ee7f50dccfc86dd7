"""Which event leads to which use case."""

from chassis.consuming import Reactions, fold, on
from contracts.accounts import KeyDestroyed
from contracts.orders import OrderClosed, OrderPlaced
from contracts.shared import ErasureConfirmed

from accounts.usecases import erasing

REACTIONS = Reactions(
    fold(erasing.follow_orders, OrderPlaced, OrderClosed),
    on(ErasureConfirmed, erasing.record_confirmation),
)
TAKEN_BACK = Reactions(on(KeyDestroyed, erasing.destroy_again))
