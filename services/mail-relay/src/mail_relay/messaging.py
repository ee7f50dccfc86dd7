"""Which event leads to which function."""

from chassis.consuming import Reactions, fold, on
from chassis.exporting import EXPORTS
from contracts.accounts import EmailChanged, KeyDestroyed, TenantChanged, TenantOpened
from contracts.delivery import DownloadCompleted, DownloadGranted
from contracts.orders import OrderCancelled, OrderClosed, OrderPaid, OrderPlaced, OrderRefunded

from mail_relay.store import orders, receipts, sellers
from mail_relay.usecases import erasing, opening

REACTIONS = Reactions(
    on(OrderPlaced, opening.open_for_order),
    fold(orders.record, OrderPaid, OrderRefunded, OrderCancelled, OrderClosed),
    fold(receipts.record, DownloadGranted, DownloadCompleted),
    on(TenantOpened, sellers.copy),
    on(TenantChanged, sellers.copy),
    on(EmailChanged, opening.readdress),
    on(KeyDestroyed, erasing.erase),
    EXPORTS,
)
