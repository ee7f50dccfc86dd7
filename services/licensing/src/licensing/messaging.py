"""The door for Kafka: which event leads to which use case."""

from chassis.consuming import ERASURE, TENANTS, Reactions, fold, on, record
from chassis.exporting import EXPORTS
from contracts.catalog import ProductPublished
from contracts.licensing import LicenseIssued
from contracts.mail_relay import ClaimDecided, ClaimOpened
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.payments import DisputeClosed, DisputeOpened

from licensing.usecases import recording, taking_back

REACTIONS = Reactions(
    on(ProductPublished, recording.copy_settings),
    fold(recording.record_orders, OrderPlaced),
    fold(recording.record_cancellations, OrderCancelled),
    fold(recording.record_disputes, DisputeOpened, DisputeClosed),
    fold(recording.record_claims, ClaimOpened, ClaimDecided),
    record(
        on(OrderPaid, recording.record_payments),
        on(DeliveryReleased, recording.record_releases),
        on(OrderRefunded, recording.record_refunds),
        conclude=recording.conclude,
    ),
    TENANTS,
    ERASURE,
    EXPORTS,
)
TAKEN_BACK = Reactions(fold(taking_back.take_back, LicenseIssued))
