"""Which event leads to which use case."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from chassis.consuming import Reactions, on
from contracts.accounts import KeyDestroyed, TenantChanged, TenantOpened
from contracts.delivery import DownloadGranted
from contracts.licensing import LicenseBackordered, LicenseIssued
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.payments import PaymentRefunded, TransferRequested

from mail_relay.usecases import copies, hearing


def reactions(domain: str, forget: Callable[[UUID], None]) -> Reactions:
    """What mail-relay hears; `domain` is that of its Message-IDs."""
    return [
        on(OrderPlaced, partial(hearing.note_order, domain=domain)),
        on(TransferRequested, partial(hearing.note_transfer, domain=domain)),
        on(OrderCancelled, partial(hearing.note_cancellation, domain=domain)),
        on(OrderPaid, partial(hearing.note_payment, domain=domain)),
        on(DeliveryReleased, partial(hearing.note_release, domain=domain)),
        on(DownloadGranted, partial(hearing.note_link, domain=domain)),
        on(LicenseIssued, partial(hearing.note_key, domain=domain)),
        on(LicenseBackordered, partial(hearing.note_backorder, domain=domain)),
        on(OrderRefunded, partial(hearing.note_refund, domain=domain)),
        on(PaymentRefunded, partial(hearing.note_repayment, domain=domain)),
        on(TenantOpened, copies.copy_keys),
        on(TenantChanged, copies.copy_keys),
        on(KeyDestroyed, partial(copies.forget_key, forget=forget)),
    ]
