"""The door for Kafka: which event leads to which use case."""

from chassis.consuming import ERASURE, Reactions, on, record
from contracts.orders import DeliveryReleased, OrderPaid, OrderRefunded

from delivery.store import facts
from delivery.usecases import granting

REACTIONS = Reactions(
    record(
        on(OrderPaid, facts.record_payments),
        on(OrderRefunded, facts.record_refunds),
        on(DeliveryReleased, facts.record_releases),
        conclude=granting.conclude,
    ),
    ERASURE,
)
