"""The door for Kafka: which event leads to which use case."""

from chassis.consuming import ERASURE, Reactions, fold, on
from chassis.exporting import EXPORTS
from contracts.accounts import TenantChanged, TenantOpened
from contracts.catalog import CouponOffered, ProductPublished, ProductWithdrawn
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.letters import EmailBounced, EmailSent
from contracts.mail_relay import ClaimDecided
from contracts.orders import (
    DeliveryReleased,
    OrderCancelled,
    OrderClosed,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
)
from contracts.payments import PaymentAuthorized, PaymentCaptured, PaymentRefunded, TransferReceived
from contracts.withdrawals import WithdrawalDeclared

from orders.usecases import copying, following, taking_back

REACTIONS = Reactions(
    on(TenantOpened, copying.copy_sellers),
    on(TenantChanged, copying.copy_sellers),
    on(ProductPublished, copying.copy_offers),
    on(ProductWithdrawn, copying.withdraw_offers),
    on(CouponOffered, copying.copy_coupon),
    fold(
        following.follow,
        PaymentAuthorized,
        PaymentCaptured,
        TransferReceived,
        PaymentRefunded,
        EmailSent,
        EmailBounced,
        DownloadGranted,
        DownloadExtended,
        ClaimDecided,
    ),
    ERASURE,
    EXPORTS,
)
TAKEN_BACK = Reactions(
    fold(
        taking_back.take_back,
        OrderPlaced,
        OrderPaid,
        DeliveryReleased,
        OrderRefunded,
        OrderCancelled,
        OrderClosed,
    ),
    on(WithdrawalDeclared, taking_back.take_back_withdrawal),
)
