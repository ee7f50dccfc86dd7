"""The door for Kafka: everything that partners may see leads to one use case."""

from chassis.consuming import TENANTS, Reactions, fold

from contracts import partner_events
from partners.usecases.sending import send

# what is done for an event is little beside what is done for a batch
AT_ONCE = 1000
REACTIONS = Reactions(fold(send, *partner_events().values()), TENANTS, at_once=AT_ONCE)
