"""The door for Kafka: which event leads to which use case."""

from chassis.consuming import ERASURE, TENANTS, Reactions, fold, on, record
from chassis.exporting import EXPORTS
from contracts.mail_relay import ClaimDecided, ClaimOpened
from contracts.orders import DeliveryReleased, OrderPaid, OrderRefunded
from contracts.payments import DisputeClosed, DisputeOpened
from contracts.storefront import ShopClosed, ShopOpened

from delivery.store import facts, shops
from delivery.usecases import granting

REACTIONS = Reactions(
    record(
        on(OrderPaid, facts.record_payments),
        on(OrderRefunded, facts.record_refunds),
        on(DeliveryReleased, facts.record_releases),
        conclude=granting.conclude,
    ),
    fold(facts.record_disputes, DisputeOpened, DisputeClosed),
    fold(facts.record_claims, ClaimOpened, ClaimDecided),
    on(ShopOpened, shops.open_shop),
    on(ShopClosed, shops.close_shop),
    TENANTS,
    ERASURE,
    EXPORTS,
)
