"""Which event leads to which use case."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from chassis.consuming import Reactions, on
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


def reactions(forget: Callable[[UUID], None]) -> Reactions:
    """What payments hears."""
    return [
        on(OrderPlaced, ordering.expect_payment),
        on(OrderCancelled, ordering.expect_no_payment),
        on(OrderRefunded, ordering.owe_refund),
        on(TenantOpened, copies.copy_sellers),
        on(TenantChanged, copies.copy_sellers),
        on(CustomerRegistered, copies.copy_choice),
        on(PrivacyChosen, copies.copy_choice),
        on(CustomerErased, erasing.forget_customer),
        on(KeyDestroyed, partial(erasing.drop_key, forget=forget)),
    ]
