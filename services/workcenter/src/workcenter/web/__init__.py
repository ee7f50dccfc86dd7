"""The pages of the Work Center."""

from typing import Final

from chassis.web import Routes

from workcenter.web import (
    articles,
    assets,
    audit,
    cases,
    claims,
    creating,
    customers,
    downloads,
    earning,
    exports,
    helping,
    links,
    money,
    order_acts,
    orders,
    oversight,
    presenting,
    refunding,
    rewards,
    search,
    second_factor,
    services,
    signing_in,
    staff,
    start,
    stock,
    turnover,
    withdrawals,
)

ROUTES: Final = Routes(
    assets.routes,
    signing_in.routes,
    second_factor.routes,
    start.routes,
    search.routes,
    orders.routes,
    order_acts.routes,
    refunding.routes,
    withdrawals.routes,
    links.routes,
    customers.routes,
    downloads.routes,
    creating.routes,
    articles.routes,
    presenting.routes,
    stock.routes,
    money.routes,
    turnover.routes,
    cases.routes,
    claims.routes,
    exports.routes,
    earning.routes,
    rewards.routes,
    oversight.routes,
    audit.routes,
    services.routes,
    staff.routes,
    helping.routes,
)

__all__ = ["ROUTES"]
