"""Which event leads to which use case."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from chassis.consuming import Reactions, on
from contracts.accounts import KeyDestroyed, TenantChanged, TenantOpened
from contracts.catalog import CouponOffered, ProductPublished, ProductWithdrawn
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.mail_relay import EmailSent
from contracts.payments import PaymentCaptured, PaymentRefunded, TransferReceived

from orders.usecases import copies, delivering, paying, refunding


def reactions(claim_window: timedelta, forget: Callable[[UUID], None]) -> Reactions:
    """What orders hears."""
    return [
        on(TenantOpened, copies.copy_sellers),
        on(TenantChanged, copies.copy_sellers),
        on(ProductPublished, copies.copy_offers),
        on(ProductWithdrawn, copies.withdraw_offers),
        on(CouponOffered, copies.copy_coupon),
        on(PaymentCaptured, partial(paying.pay_by_card, claim_window=claim_window)),
        on(TransferReceived, partial(paying.pay_by_transfer, claim_window=claim_window)),
        on(PaymentRefunded, partial(refunding.follow_provider, claim_window=claim_window)),
        on(EmailSent, partial(delivering.record_delivery, claim_window=claim_window)),
        on(DownloadGranted, partial(delivering.record_link, claim_window=claim_window)),
        on(DownloadExtended, partial(delivering.record_link, claim_window=claim_window)),
        on(KeyDestroyed, partial(copies.confirm_erasure, forget=forget)),
    ]
