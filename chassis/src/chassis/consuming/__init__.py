"""From Kafka into use cases: batches, the inbox, what is parked and what is dead."""

from chassis.consuming.again import TopicUnread, read_again
from chassis.consuming.erasure import ERASURE, ServiceName
from chassis.consuming.message import Message
from chassis.consuming.reactions import Reactions, Touched, fold, on, record
from chassis.consuming.tenants import TENANTS

__all__ = [
    "ERASURE",
    "TENANTS",
    "Message",
    "Reactions",
    "ServiceName",
    "TopicUnread",
    "Touched",
    "fold",
    "on",
    "read_again",
    "record",
]
