"""Which event leads to which use case."""

from chassis.consuming import Reactions, fold, on
from contracts.accounts import KeyDestroyed
from contracts.exports import DataShareExported
from contracts.orders import OrderClosed, OrderPlaced
from contracts.shared import ErasureConfirmed
from contracts.storefront import ShopClosed, ShopOpened

from accounts.usecases import authorizing, erasing, exporting

REACTIONS = Reactions(
    fold(erasing.follow_orders, OrderPlaced, OrderClosed),
    on(ErasureConfirmed, erasing.record_confirmation),
    on(DataShareExported, exporting.record_part),
    on(ShopOpened, authorizing.copy_client),
    on(ShopClosed, authorizing.close_client),
)
TAKEN_BACK = Reactions(on(KeyDestroyed, erasing.destroy_again))
