"""The door for Kafka: which tenants there are."""

from chassis.consuming import TENANTS, Reactions

REACTIONS = Reactions(TENANTS)
