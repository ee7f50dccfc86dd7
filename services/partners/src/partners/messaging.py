"""The door for Kafka: everything that partners may see leads to one use case."""

from chassis.consuming import TENANTS, Reactions, fold

from contracts import partner_events
from partners.usecases.sending import send

REACTIONS = Reactions(fold(send, *partner_events().values()), TENANTS)
