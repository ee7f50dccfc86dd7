"""The pages of the Work Center."""

from typing import Final

from chassis.web import Routes

from workcenter.web import (
    assets,
    customers,
    downloads,
    links,
    order_acts,
    orders,
    search,
    second_factor,
    signing_in,
    start,
)

ROUTES: Final = Routes(
    assets.routes,
    signing_in.routes,
    second_factor.routes,
    start.routes,
    orders.routes,
    order_acts.routes,
    links.routes,
    search.routes,
    customers.routes,
    downloads.routes,
)

__all__ = ["ROUTES"]
