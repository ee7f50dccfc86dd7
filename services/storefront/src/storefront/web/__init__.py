"""The pages of a shop."""

from typing import Final

from chassis.web import Routes

from storefront.web import (
    account,
    assets,
    browsing,
    carts,
    checkout,
    confirming,
    helping,
    invited,
    legal,
    objecting,
    orders,
    paying,
    pictures,
    signing_in,
    withdrawing,
)

ROUTES: Final = Routes(
    *account.ROUTES,
    assets.routes,
    browsing.routes,
    carts.routes,
    checkout.routes,
    confirming.routes,
    helping.routes,
    invited.routes,
    legal.routes,
    objecting.routes,
    orders.routes,
    paying.routes,
    pictures.routes,
    signing_in.routes,
    withdrawing.routes,
)

__all__ = ["ROUTES"]
