"""The pages of a shop."""

from typing import Final

from chassis.web import Routes

from storefront.web import assets, browsing, carts, checkout, orders, paying, signing_in

ROUTES: Final = Routes(
    assets.routes,
    browsing.routes,
    carts.routes,
    checkout.routes,
    orders.routes,
    paying.routes,
    signing_in.routes,
)

__all__ = ["ROUTES"]
