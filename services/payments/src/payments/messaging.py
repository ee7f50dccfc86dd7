"""Which event leads to which use case."""

from chassis.consuming import Reactions, fold, on
from chassis.exporting import EXPORTS
from contracts.accounts import (
    CustomerErased,
    CustomerRegistered,
    KeyDestroyed,
    PrivacyChosen,
    TenantChanged,
    TenantOpened,
)
from contracts.orders import OrderCancelled, OrderPlaced, OrderRefunded

from payments.usecases import copies, erasing, ordering

REACTIONS = Reactions(
    on(OrderPlaced, ordering.expect_payment),
    on(OrderCancelled, ordering.expect_no_payment),
    on(OrderRefunded, ordering.owe_refund),
    fold(copies.copy_sellers, TenantOpened, TenantChanged),
    fold(copies.copy_choices, CustomerRegistered, PrivacyChosen),
    on(CustomerErased, erasing.erase_customer),
    on(KeyDestroyed, erasing.drop_key),
    EXPORTS,
)
