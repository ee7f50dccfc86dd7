"""The door for Kafka: which event leads to which use case; no event of a sale does (L1)."""

from chassis.consuming import TENANTS, Reactions, on
from chassis.exporting import EXPORTS
from contracts.accounts import CustomerErased, KeyDestroyed
from contracts.shared import MeetingLogged

from rewards.usecases import meetings, membership

REACTIONS = Reactions(
    on(MeetingLogged, meetings.record_meeting),
    TENANTS,
    on(CustomerErased, membership.erase_customer),
    on(KeyDestroyed, membership.drop_key),
    EXPORTS,
)
