"""Which event leads to which function."""

from chassis.consuming import Reactions, on, record
from chassis.exporting import EXPORTS
from contracts.accounts import (
    EmailChanged,
    EmailChangeRequested,
    EmailConfirmationRequested,
    EmailConsentRequested,
    KeyDestroyed,
    OrganisationInvitationRequested,
    PasswordResetRequested,
    StaffInvited,
    TenantChanged,
    TenantOpened,
)
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.invitations import GuestInvited
from contracts.licensing import DeviceFreed, LicenseBackordered, LicenseIssued
from contracts.mail_relay import ClaimDecided, ClaimOpened, ConversationOpened, EmailReturned
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.passwords import PasswordChanged
from contracts.payments import DisputeClosed, DisputeOpened, PaymentRefunded, TransferRequested
from contracts.rewards import RewardFailed, RewardFulfilled, RewardRedeemed
from contracts.security import (
    NewDeviceSignedIn,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorsReset,
)
from contracts.shipping import OrderShipped
from contracts.storefront import ShopClosed, ShopOpened
from contracts.withdrawals import WithdrawalDeclared

from letters.store import disputes, facts, freed_devices, orders, sellers, shops
from letters.usecases import erasing, notifying, returning, warning

REACTIONS = Reactions(
    record(
        on(OrderPlaced, orders.record_orders),
        on(TransferRequested, orders.record_transfers),
        on(OrderCancelled, facts.record_cancellations),
        on(OrderPaid, facts.record_payments),
        on(DeliveryReleased, facts.record_releases),
        on(DownloadGranted, facts.record_links),
        on(DownloadExtended, facts.record_extensions),
        on(LicenseIssued, facts.record_keys),
        on(LicenseBackordered, facts.record_backorders),
        on(DeviceFreed, freed_devices.record_freed),
        on(OrderRefunded, facts.record_refunds),
        on(PaymentRefunded, facts.record_repayments),
        on(DisputeOpened, disputes.record_disputes),
        on(DisputeClosed, disputes.record_disputes),
        on(ClaimOpened, disputes.record_claims),
        on(ClaimDecided, disputes.record_claims),
        conclude=warning.conclude,
    ),
    on(ConversationOpened, sellers.let_answer),
    on(EmailReturned, returning.take_back),
    on(TenantOpened, sellers.copy),
    on(TenantChanged, sellers.copy),
    on(EmailConfirmationRequested, notifying.confirm),
    on(ShopOpened, shops.open_shop),
    on(ShopClosed, shops.close_shop),
    on(EmailChangeRequested, notifying.ask),
    on(EmailConsentRequested, notifying.ask_former),
    on(PasswordResetRequested, notifying.reset),
    on(PasswordChanged, notifying.password_changed),
    on(SecondFactorAdded, warning.factor_added),
    on(SecondFactorRemoved, warning.factor_removed),
    on(SecondFactorsReset, warning.factors_reset),
    on(RecoveryCodeUsed, warning.code_used),
    on(RecoveryCodesRenewed, warning.codes_renewed),
    on(NewDeviceSignedIn, warning.signed_in),
    on(OrganisationInvitationRequested, notifying.invite),
    on(GuestInvited, notifying.invite_guest),
    on(StaffInvited, notifying.invite_staff),
    on(EmailChanged, notifying.readdress),
    on(RewardRedeemed, notifying.redeemed),
    on(RewardFulfilled, notifying.fulfilled),
    on(RewardFailed, notifying.failed),
    on(WithdrawalDeclared, notifying.receipt),
    on(OrderShipped, notifying.shipped),
    on(KeyDestroyed, erasing.erase),
    EXPORTS,
)
