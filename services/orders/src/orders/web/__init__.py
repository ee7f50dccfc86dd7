"""The door for HTTP."""

from typing import Final

from chassis.web import Routes

from orders.domain import offers, order, withdrawal
from orders.web import billing, orders, refunds

ROUTES: Final = Routes(
    orders.routes,
    refunds.routes,
    billing.routes,
    errors={
        offers.NotSellable: 422,
        offers.NotEligible: 422,
        offers.PriceChanged: 409,
        offers.CouponRefused: 422,
        withdrawal.ConsentIncomplete: 422,
        order.OrderUnknown: 404,
        order.NotRefundable: 409,
        order.RepaymentUnknown: 404,
        order.RepaymentExplained: 409,
        order.RepaymentDiffers: 409,
        order.NotCancellable: 409,
        order.NotShippable: 409,
    },
)

__all__ = ["ROUTES"]
