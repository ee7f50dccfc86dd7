"""The door for HTTP."""

from typing import Final

from chassis.web import Routes

from orders.domain import buyer, notice, offers, order, payment, repayment, taxation, unit, withdrawal, withdrawing
from orders.domain.limits import TooManyUnpaidOrders
from orders.usecases import wording
from orders.web import billing, buying, last_address, orders, quotes, refunds, shipping, taxes, texts, withdrawals

ROUTES: Final = Routes(
    orders.routes,
    quotes.routes,
    last_address.routes,
    refunds.routes,
    billing.routes,
    shipping.routes,
    buying.routes,
    taxes.routes,
    texts.routes,
    withdrawals.routes,
    errors={
        TooManyUnpaidOrders: 429,
        buyer.BuysNothing: 403,
        buyer.MustBeBusiness: 422,
        offers.NotSellable: 422,
        offers.NotEligible: 422,
        offers.NotDelivered: 422,
        offers.PriceChanged: 409,
        offers.CouponRefused: 422,
        offers.CouponUsed: 422,
        payment.CurrencyNotTaken: 422,
        payment.TransferNotOffered: 422,
        payment.TotalNotPayable: 422,
        taxation.NotTaxable: 422,
        taxation.EvidenceContradicts: 422,
        withdrawal.ConsentIncomplete: 422,
        withdrawing.LineUnknown: 422,
        withdrawing.WithdrawalUnknown: 404,
        withdrawing.NothingWaiting: 409,
        withdrawing.TooManyDeclarations: 429,
        notice.NoticeIncomplete: 422,
        notice.NoticeWrong: 422,
        wording.NoticeKept: 409,
        wording.SellerUnknown: 404,
        order.OrderUnknown: 404,
        unit.NotRefundable: 409,
        repayment.RepaymentUnknown: 404,
        repayment.RepaymentExplained: 409,
        repayment.RepaymentDiffers: 409,
        unit.NotCancellable: 409,
        unit.NotShippable: 409,
    },
)

__all__ = ["ROUTES"]
